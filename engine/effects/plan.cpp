#include "effects/plan.hpp"

#include <fmt/format.h>
#include <set>

#include "model/images.hpp"

namespace shunt::effects {

namespace {

// The shares that weights come to where every colour with a weight can be reached.
Value shares_of(const Value& weights) {
  const int blue = weights.value("blue", 0);
  const int green = weights.value("green", 0);
  const int sum = blue + green;
  if (sum == 0) return {{"blue", 0}, {"green", 0}};
  const int share = (blue * 100 + sum / 2) / sum;
  return {{"blue", share}, {"green", 100 - share}};
}

bool reads_only(const std::string& verb) {
  static const std::set<std::string> verbs = {"metrics.query", "clock.date", "random.number", "random.uuid"};
  return verbs.count(verb) != 0;
}

}  // namespace

Task<Outcome> Plan::perform(Call call) {
  Outcome outcome;
  if (call.verb == "proxy.get") {
    outcome = co_await proxy_get(std::move(call));
  } else if (call.verb == "proxy.in_flight") {
    outcome = co_await in_flight(std::move(call));
  } else if (call.verb == "instances.list") {
    outcome = co_await instances_list(std::move(call));
  } else if (reads_only(call.verb)) {
    outcome = co_await live_.perform(std::move(call));
  } else if (call.verb == "proxy.set") {
    weights_[call.args.value("service", "")] = {{"blue", call.args.value("blue", 0)},
                                                {"green", call.args.value("green", 0)}};
  } else if (call.verb == "instances.start") {
    outcome = instances_start(call);
  } else if (call.verb == "instances.stop") {
    outcome = instances_stop(call);
  } else if (call.verb == "instances.health") {
    outcome = health(call);
  } else if (call.verb == "instances.logs") {
    outcome.value = Value::object();
  } else if (call.verb == "clock.sleep") {
    clock_ += call.args.value("duration_ms", std::int64_t{0});
  } else if (call.verb == "clock.now") {
    outcome.value = double(clock_) / 1000.0;
  } else if (call.verb == "approval.wait") {
    outcome.value = {{"answer", "approve"}, {"by", "plan"}, {"reason", ""}};
  } else if (call.verb == "http.request") {
    outcome = verify_answer(call);
  } else if (call.verb.starts_with("image.")) {
    outcome = image(call);
  } else if (call.verb == "exec.run") {
    outcome.value = {{"code", 0}, {"stdout", ""}, {"stderr", ""}, {"truncated", false}};
  } else {
    outcome.value = {{"ok", true}, {"status", 200}, {"latency", 0.0}};
  }
  co_return std::move(outcome);
}

Task<Outcome> Plan::proxy_get(Call call) {
  const std::string service = call.args.value("service", "");
  Outcome view = co_await live_.perform(std::move(call));
  const auto told = weights_.find(service);
  if (!view.ok() || told == weights_.end()) co_return std::move(view);
  view.value["weights"] = told->second;
  view.value["effective"] = shares_of(told->second);
  for (const auto* colour : {"blue", "green"})
    if (view.value["in_flight"][colour].is_number()) view.value["in_flight"][colour] = 0;
  co_return std::move(view);
}

// What the real one is asked meanwhile says nothing of a colour that would be asked no more.
Task<Outcome> Plan::in_flight(Call call) {
  const bool told = weights_.contains(call.args.value("service", ""));
  Outcome count = co_await live_.perform(std::move(call));
  if (told && count.ok() && count.value["requests"].is_number()) count.value["requests"] = 0;
  co_return std::move(count);
}

Task<Outcome> Plan::instances_list(Call call) {
  const Value args = call.args;
  Outcome real = co_await live_.perform(std::move(call));
  if (!real.ok()) co_return std::move(real);
  Value list = Value::array();
  for (const auto& instance : real.value)
    if (stopped_.count(instance.value("id", "")) == 0) list.push_back(instance);
  for (const auto& [seat, instances] : started_) {
    if (args.contains("service") && args["service"] != seat.first) continue;
    if (args.contains("color") && args["color"] != seat.second) continue;
    for (const auto& instance : instances) list.push_back(instance);
  }
  Outcome outcome(std::move(list));
  co_return std::move(outcome);
}

Outcome Plan::instances_start(const Call& call) {
  const Seat seat{call.args.value("service", ""), call.args.value("color", "")};
  auto& instances = started_[seat];
  if (!instances.is_array()) instances = Value::array();
  const auto id =
      fmt::format("{}-{}-{}-{}", fleet_.deployment().app, seat.first, seat.second, call.args.value("index", 0));
  instances.push_back({{"id", id},
                       {"service", seat.first},
                       {"color", seat.second},
                       {"state", "running"},
                       {"index", call.args.value("index", 0)},
                       {"started", 1},
                       {"run", fleet_.deployment().id}});
  return Outcome(instances.back());
}

Outcome Plan::instances_stop(const Call& call) {
  stopped_[call.args.value("id", "")] = true;
  started_.erase({call.args.value("service", ""), call.args.value("color", "")});
  return Outcome();
}

Outcome Plan::health(const Call&) const {
  return Outcome(
      Value{{"ok", true}, {"state", "running"}, {"status", 200}, {"latency", 0.0}, {"started", 1}, {"restarts", 0}});
}

// Whether there is anybody who could do it shows; what he would give is made up.
Outcome Plan::image(const Call& call) {
  const auto images = fleet_.images(call.args.value("service", ""));
  if (!images) return images.error();
  if (call.verb == "image.build") return Outcome(Value{{"id", model::id_of_image(call.args)}});
  if (call.verb == "image.push") return Outcome(Value{{"digest", model::id_of_image(call.args)}});
  return Outcome();
}

// Through the proxy the new version answers once it has a share.
Outcome Plan::verify_answer(const Call& call) const {
  Value headers = Value::object();
  const auto& deployment = fleet_.deployment();
  for (const auto& service : deployment.next.services) {
    if (service.verify.url.empty() || service.verify.url != call.args.value("url", "")) continue;
    auto name = service.verify.header;
    for (auto& letter : name) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    headers[name] = service.verify.equals;
  }
  return Outcome(Value{{"status", 200}, {"headers", headers}, {"body", ""}, {"latency", 0.0}});
}

}  // namespace shunt::effects
