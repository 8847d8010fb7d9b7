// The verbs `history`, `show` and `logs`: what happened.
#include <fmt/format.h>

#include "deploy/claim.hpp"
#include "deploy/compose.hpp"
#include "deploy/load.hpp"
#include "deploy/timeline.hpp"
#include "deploy/world.hpp"
#include "effects/fleet.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

Value summary_of(const store::Run& run) {
  Value value = {{"id", run.id},
                 {"verb", run.verb},
                 {"version", run.version},
                 {"strategy", run.strategy},
                 {"state", run.state},
                 {"by", run.by},
                 {"started", to_timestamp(run.started)},
                 {"exit", run.exit < 0 ? Value() : Value(run.exit)}};
  value["ended"] = run.ended == 0 ? Value() : Value(to_timestamp(run.ended));
  if (!run.reason.empty()) value["reason"] = run.reason;
  return value;
}

Value told_in(const std::vector<store::Notice>& notices) {
  Value list = Value::array();
  for (const auto& notice : notices)
    list.push_back({{"channel", notice.channel},
                    {"event", notice.event},
                    {"state", notice.state},
                    {"attempts", notice.attempts},
                    {"due", to_timestamp(notice.due)},
                    {"error", notice.error}});
  return list;
}

Result<std::unique_ptr<store::Store>> store_of(const Settings& settings, const App& app) {
  return store::open(state_folder(settings, app.name), store::Mode::read);
}

Task<Value> read_logs(effects::Fleet& fleet, std::string service, std::string only, int lines) {
  Value logs = Value::object();
  auto instances = co_await fleet.instances();
  if (!instances) co_return std::move(logs);
  for (const auto& instance : *instances) {
    if (!service.empty() && instance.labels.service != service) continue;
    if (!only.empty() && name_of(instance.labels.color) != only) continue;
    auto text = co_await fleet.logs(instance, lines);
    if (text) logs[instance.id] = *text;
  }
  co_return std::move(logs);
}

}  // namespace

Ending Engine::history(const std::filesystem::path& app_file, int limit) {
  const auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  Ending ending;
  ending.document = Value::array();
  auto store = store_of(settings_, *app);
  if (!store) return ending;
  const auto runs = (*store)->runs(limit);
  if (!runs) return Ending(3, runs.error());
  for (const auto& run : *runs) ending.document.push_back(summary_of(run));
  return ending;
}

Ending Engine::show(const std::filesystem::path& app_file, const std::string& id) {
  const auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  auto store = store_of(settings_, *app);
  if (!store) return Ending(5, "nothing was ever deployed here");
  std::optional<store::Run> run;
  if (id.empty()) {
    const auto runs = (*store)->runs(1);
    if (!runs) return Ending(3, runs.error());
    if (!runs->empty()) run = runs->front();
  } else {
    auto found = (*store)->run(id);
    if (!found) return Ending(3, found.error());
    run = *found;
  }
  if (!run)
    return id.empty() ? Ending(5, "nothing was ever deployed here")
                      : Ending(2, Error("SH1932", Kind::config, fmt::format("there is no deployment {}", id),
                                        "`shunt history` lists them"));
  const auto entries = (*store)->entries(run->id);
  if (!entries) return Ending(3, entries.error());
  const auto notices = (*store)->notices_of(run->id);
  if (!notices) return Ending(3, notices.error());
  Ending ending;
  ending.run = run->id;
  ending.state = run->state;
  ending.document = summary_of(*run);
  ending.document["app"] = app->name;
  ending.document["report"] = run->report;
  ending.document["timeline"] = timeline_of(*entries, run->started);
  if (!notices->empty()) ending.document["notifications"] = told_in(*notices);
  if (run->ended != 0) ending.document["elapsed_ms"] = run->ended - run->started;
  return ending;
}

Ending Engine::logs(const std::filesystem::path& app_file, const std::string& service, const std::string& only,
                    int lines) {
  const auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  if (!service.empty() && !app->services.contains(service))
    return Ending(2, Error("SH1905", Kind::config, fmt::format("there is no service '{}' here", service),
                           fmt::format("the services are {}", fmt::join(app->service_order, ", "))));
  store::AppState state;
  if (auto store = store_of(settings_, *app))
    if (auto known = (*store)->state()) state = *known;
  std::string colour = only;
  if (only == "live" || only == "idle") {
    if (!state.live) return Ending(5, "nothing is live yet");
    colour = text_of(only == "live" ? *state.live : other(*state.live));
  }
  Deployment deployment;
  deployment.app = app->name;
  deployment.next.services = shunt::resolve(*app, "", Colour::blue);
  deployment.prior.services = shunt::resolve(*app, "", Colour::green);
  World world(state_folder(settings_, app->name), settings_.helpers);
  effects::Fleet fleet(deployment, world.context(), registry_);
  Ending ending;
  ending.document = world.run(read_logs(fleet, service, colour, lines));
  return ending;
}

}  // namespace shunt
