// The verb `deploy`: load, claim, examine, run.
#include <fmt/format.h>

#include "deploy/bulletin.hpp"
#include "deploy/bundle.hpp"
#include "deploy/capacity.hpp"
#include "deploy/compose.hpp"
#include "deploy/live_run.hpp"
#include "deploy/load.hpp"
#include "deploy/outside.hpp"
#include "deploy/play.hpp"
#include "deploy/situation.hpp"
#include "deploy/start_anew.hpp"
#include "deploy/unfinished.hpp"
#include "store/run_id.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

bool on_hosted_runner() {
  const char* value = std::getenv("RUNNER_ENVIRONMENT");
  return value != nullptr && std::string(value) == "github-hosted";
}

Error state_would_be_lost() {
  return {
      "SH1928", Kind::config, "this is a hosted runner: the state of the deployment would die with it",
      "run shunt on the target host (by ssh, or on a self-hosted runner), or name a lasting state folder with --state"};
}

Error did_not_come_back() {
  return {"SH1284", Kind::script,
          "the script did not come back from an operation that nothing can stop, and was killed",
          "report it as a bug, with the strategy; `shunt show` names the last step before it"};
}

Error must_not_be_stopped(const std::string& id, bool is_singleton) {
  return {"SH1936", Kind::config,
          fmt::format("{} was adopted without --may-stop, and {} would stop it before the new version runs", id,
                      is_singleton ? "the swap of a singleton" : "this strategy"),
          "use a strategy that starts the new version beside the old one, such as blue_green; or adopt it again with "
          "--may-stop"};
}

Event overriding(const Error& error) {
  Value fields = {{"message", "overridden: " + error.message}, {"code", error.code}};
  return Event("warning", std::move(fields));
}

bool shifts_gradually(const Value& options) {
  const auto steps = options.find("steps");
  if (steps == options.end() || !steps->is_array()) return false;
  for (const auto& step : *steps)
    if (step.is_number() && step != 0 && step != 100) return true;
  return false;
}

Task<Result<void>> check_shiftable(effects::Fleet& fleet) {
  for (const auto& service : fleet.deployment().service_names()) {
    if (fleet.deployment().proxied(service) == nullptr) continue;
    auto proxy = co_await fleet.current_proxy(service);
    if (!proxy) {
      Result<void> no(proxy.error());
      co_return std::move(no);
    }
    auto view = co_await (*proxy)->observe();
    if (!view) {
      Result<void> no(view.error());
      co_return std::move(no);
    }
    if (view->shiftable) continue;
    Result<void> no(
        Error("SH1505", Kind::config,
              fmt::format("the proxy of {} cannot send a part of the traffic: {}", service, view->note),
              "use a balance algorithm with weights, or a strategy that switches at once, such as blue_green"));
    co_return std::move(no);
  }
  Result<void> fine;
  co_return std::move(fine);
}

// The strategy would stop the old version, and some of it must not be stopped.
Task<Result<void>> check_stoppable(effects::Fleet& fleet) {
  auto instances = co_await fleet.instances();
  if (!instances) {
    Result<void> no(instances.error());
    co_return std::move(no);
  }
  const auto& deployment = fleet.deployment();
  for (const auto& one : *instances) {
    if (one.may_stop || one.labels.color != deployment.from()) continue;
    const auto* service = deployment.service(one.labels.service, deployment.from());
    const bool is_singleton = service != nullptr && service->singleton;
    if (!deployment.downtime && !is_singleton) continue;
    Result<void> no(must_not_be_stopped(one.id, is_singleton));
    co_return std::move(no);
  }
  Result<void> fine;
  co_return std::move(fine);
}

}  // namespace

Ending Engine::deploy(const DeployRequest& request) {
  if (auto fine = check_version(request.version); !fine) return Ending(2, fine.error());
  auto app = load_app(request.app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  const auto in_window = check_window(app->window, wall_clock_ms());
  if (!in_window && !request.force) return Ending(2, in_window.error());
  if (on_hosted_runner() && !settings_.state_named) return Ending(2, state_would_be_lost());
  std::function<void()> stuck;  // what ends the run once there is one
  ScriptLimits limits;
  limits.stuck = [&stuck] {
    if (stuck) stuck();
  };
  auto script = request.typist == nullptr ? load_strategy(*app, request.strategy, scripts_, std::move(limits))
                                          : scripts_.load_strategy(typed_strategy, nullptr, std::move(limits));
  if (!script) return Ending(2, script.error());
  auto options =
      options_for(**script, *app, options_in(request.options), !request.strategy.empty() || request.typist != nullptr);
  if (!options) return Ending(2, options.error());

  auto claim = Claim::take(settings_, app->name, "deploy " + request.version);
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  if (auto stop = clear_the_desk(*claim, tools())) return *stop;
  auto& store = claim->store();
  const auto state = store.state();
  if (!state) return Ending(3, state.error());
  auto prior = state->live ? recorded_side(store, *state, *state->live) : Result<Side>(Side());
  if (!prior) return Ending(exit_for(prior.error()), prior.error());
  auto deployment = compose(*app, request.version, state->live, std::move(*prior), store::new_run_id(wall_clock_ms()));
  deployment.strategy = (*script)->info().name;
  deployment.downtime = (*script)->info().downtime;
  deployment.options = *options;

  World world(claim->folder(), settings_.helpers);
  Result<void> in_capacity;
  {
    effects::Fleet fleet(deployment, world.context(), registry_);
    if (auto fine = check_targets(fleet, *state); !fine) return Ending(2, fine.error());
    if (auto held = take_charge(world, fleet, *claim); !held) return Ending(exit_for(held.error()), held.error());
    if (auto fine = world.run(examine(fleet, *state, true)); !fine) return Ending(exit_for(fine.error()), fine.error());
    if (auto fine = world.run(check_stoppable(fleet)); !fine) return Ending(2, fine.error());
    const auto need = world.run(look_at_need(fleet));
    if (need.error) return Ending(2, *need.error);
    in_capacity = check_room(need, room_at(claim->folder()));
    if (!in_capacity && !request.force) return Ending(2, in_capacity.error());
    if (shifts_gradually(*options))
      if (auto fine = world.run(check_shiftable(fleet)); !fine) return Ending(2, fine.error());
  }
  auto bundle = store_bundle(store, *app, **script);
  if (!bundle) return Ending(2, bundle.error());
  auto row = row_for(deployment, *claim, settings_, request.reason);
  row.bundle_sha = *bundle;
  row.inputs["environment"] = app->environment;
  row.inputs["library"] = scripts_.library();
  Bulletin bulletin(*claim, row.id, reporter_);

  Play play(std::move(*script));
  LiveRun run({world, registry_, store, bulletin, settings_, deployment, row, *state, request.typist});
  if (auto begun = run.begin(new_release(deployment, *app, *bundle)); !begun) return Ending(2, begun.error());
  for (const auto& overridden : {in_window, in_capacity})
    if (!overridden) run.machinery().journal.announce(overriding(overridden.error()));
  stuck = [&] {
    run.killed(did_not_come_back());
    start_anew(settings_, row.id, claim->locks());
  };
  return run.execute(play.body(run.machinery(), deployment));
}

}  // namespace shunt
