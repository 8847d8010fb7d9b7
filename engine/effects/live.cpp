#include "effects/live.hpp"

#include <fmt/format.h>

#include "shunt/duration.hpp"

namespace shunt::effects {

Live::Live(Fleet& fleet, Stamp stamp) : fleet_(fleet), stamp_(std::move(stamp)) {}

const std::map<std::string, Live::Handler>& Live::handlers() {
  static const std::map<std::string, Handler> all = {
      {"instances.prepare", &Live::instances_prepare},
      {"instances.prune", &Live::instances_prune},
      {"instances.start", &Live::instances_start},
      {"instances.stop", &Live::instances_stop},
      {"instances.adopt", &Live::instances_adopt},
      {"instances.disown", &Live::instances_disown},
      {"instances.list", &Live::instances_list},
      {"instances.health", &Live::instances_health},
      {"instances.logs", &Live::instances_logs},
      {"image.build", &Live::image_build},
      {"image.tag", &Live::image_tag},
      {"image.push", &Live::image_push},
      {"proxy.get", &Live::proxy_get},
      {"proxy.set", &Live::proxy_set},
      {"proxy.close", &Live::proxy_close},
      {"proxy.in_flight", &Live::proxy_in_flight},
      {"metrics.query", &Live::metrics_query},
      {"probe.http", &Live::probe_http},
      {"probe.tcp", &Live::probe_tcp},
      {"probe.command", &Live::probe_command},
      {"http.request", &Live::http_request},
      {"exec.run", &Live::exec_run},
      {"clock.now", &Live::clock_now},
      {"clock.date", &Live::clock_date},
      {"clock.sleep", &Live::clock_sleep},
      {"random.number", &Live::random_number},
      {"random.uuid", &Live::random_uuid},
      {"approval.wait", &Live::approval_wait},
      {"prompt.read", &Live::prompt_read},
  };
  return all;
}

Task<Outcome> Live::perform(Call call) {
  const auto handler = handlers().find(call.verb);
  if (handler == handlers().end()) {
    Outcome unknown(Error("SH1004", Kind::config, fmt::format("{} is not available yet", call.verb),
                          "remove the call, or use a version of shunt that has it"));
    co_return std::move(unknown);
  }
  const auto method = handler->second;
  Outcome outcome = co_await (this->*method)(std::move(call));
  co_return std::move(outcome);
}

// Says how far this Call is, to whoever watches.
Told Live::teller(const Call& call) const {
  if (!watcher_) return {};
  return [this, verb = call.verb, args = call.args](const std::string& text) {
    watcher_(Event("step", {{"step", verb}, {"state", "progress"}, {"args", args}, {"text", text}}));
  };
}

std::int64_t Live::now() {
  return wall_clock_ms();
}

}  // namespace shunt::effects
