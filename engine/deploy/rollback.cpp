// The verb `rollback`: the previous release serves again.
#include <fmt/format.h>
#include <algorithm>

#include "deploy/bulletin.hpp"
#include "deploy/compose.hpp"
#include "deploy/load.hpp"
#include "deploy/run.hpp"
#include "deploy/situation.hpp"
#include "deploy/unfinished.hpp"
#include "store/run_id.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

// The newest older release that succeeded and was not rolled back from.
Result<std::optional<store::Release>> previous_release(store::Store& store, const std::string& live) {
  const auto releases = store.releases();
  if (!releases) return releases.error();
  bool older = false;
  for (const auto& release : *releases) {
    if (older && release.ended == "succeeded" && !release.rolled_back_from) return std::optional(release);
    if (release.id == live) older = true;
  }
  return std::optional<store::Release>();
}

/// How a rollback goes.
struct Manner {
  bool keeps_left = false;   ///< the version that is left goes on running, until `cleanup`
  std::int64_t over_ms = 0;  ///< in steps, over this time; 0: at once

  Manner() = default;
};

Task<bool> runs_already(effects::Scope scope, Colour colour, std::size_t wanted, std::string release_run) {
  Call list("instances.list", {{"color", name_of(colour)}});
  Outcome found = co_await scope.perform(std::move(list));
  if (!found.ok() || found.value.size() < wanted) co_return false;
  for (const auto& instance : found.value)
    if (instance["state"] != "running" || instance["run"] != release_run) co_return false;
  co_return true;
}

// The target runs, is ready and passes its smoke tests before any traffic moves.
// 0: at once.
Task<Outcome> move_back(effects::Scope scope, std::int64_t over_ms) {
  Call call = over_ms > 0 ? Call("go_back_gradually", {{"over_ms", over_ms}}) : Call("shift", {{"percent", 100}});
  Outcome moved = co_await scope.perform(std::move(call));
  co_return std::move(moved);
}

Task<Outcome> go_back_to(effects::Scope scope, Deployment deployment, std::string release_run, Manner manner) {
  std::size_t places = 0;
  for (const auto& service : deployment.next.services)
    if (!service.singleton) places += service.places.size();
  const bool warm = co_await runs_already(scope, deployment.to, places, release_run);
  if (!warm) {
    scope.announce(Event("warning", {{"message", fmt::format("{} does not run any more; it is started and proven first",
                                                             deployment.next.version)}}));
    Call launch("launch");
    Outcome launched = co_await scope.perform(std::move(launch));
    if (!launched.ok()) co_return std::move(launched);
  }
  Call await("await_healthy");
  Outcome done = co_await scope.perform(std::move(await));
  if (!done.ok()) co_return std::move(done);
  Call smoke("smoke_test");
  done = co_await scope.perform(std::move(smoke));
  if (!done.ok()) co_return std::move(done);
  done = co_await move_back(scope, manner.over_ms);
  if (!done.ok() || manner.keeps_left) co_return std::move(done);
  Call retire("retire_old", {{"hold_ms", 0}});
  done = co_await scope.perform(std::move(retire));
  co_return std::move(done);
}

}  // namespace

Ending Engine::rollback(const std::filesystem::path& app_file, const std::string& mode, const std::string& reason) {
  auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  const auto chosen = mode.empty() ? app->rollback_mode : mode;
  auto claim = Claim::take(settings_, app->name, "rollback");
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  if (auto stop = clear_the_desk(*claim, registry_, settings_, reporter_)) return *stop;
  auto& store = claim->store();
  const auto state = store.state();
  if (!state) return Ending(3, state.error());
  if (!state->live) return Ending(5, "nothing serves, so there is nothing to roll back");
  const auto live = recorded_side(store, *state, *state->live);
  if (!live) return Ending(3, live.error());
  const auto previous = previous_release(store, live->release);
  if (!previous) return Ending(3, previous.error());
  if (!*previous) return Ending(5, "there is no previous release to go back to");
  const auto target = side_of(store, (*previous)->id);
  if (!target) return Ending(3, target.error());

  Deployment deployment;
  deployment.id = store::new_run_id(wall_clock_ms());
  deployment.app = app->name;
  deployment.verb = "rollback";
  deployment.strategy = "rollback " + chosen;
  deployment.to = colour_of(**previous);
  deployment.next = *target;
  deployment.prior = *live;
  deployment.timeout_ms = app->timeout_ms;
  deployment.rollback_timeout_ms = app->rollback_timeout_ms;
  deployment.folder = app->folder;
  deployment.channels = app->channels;
  deployment.metrics = app->metrics;
  deployment.metrics_config = app->metrics_config;
  deployment.gates = resolve_gates(*app, deployment.next.version, deployment.to);
  deployment.prior_gates = resolve_gates(*app, deployment.prior.version, deployment.from());
  Manner manner;
  manner.keeps_left = chosen == "swap";
  if (chosen == "gradual") {
    manner.over_ms = app->rollback_over_ms;
    deployment.timeout_ms = std::max(deployment.timeout_ms, 2 * app->rollback_over_ms);
  }
  if (deployment.to == *state->live)
    return Ending(2, Error("SH1929", Kind::config,
                           fmt::format("{} was deployed in {}, where {} serves now", (*previous)->version,
                                       name_of(deployment.to), live->version),
                           fmt::format("deploy it again: `shunt deploy {}`", (*previous)->version)));
  const auto release_run = (*previous)->run;
  World world(claim->folder(), settings_.helpers);
  {
    effects::Fleet fleet(deployment, world.context(), registry_);
    const auto targets = targets_of(fleet);
    if (!targets) return Ending(2, targets.error());
    if (auto taken = claim->take_targets(*targets); !taken) return Ending(exit_for(taken.error()), taken.error());
    auto fine = world.run(examine(fleet, *state, true));
    // A live version that is down is a reason to roll back, not one against it.
    if (!fine && fine.error().code != "SH1922") return Ending(exit_for(fine.error()), fine.error());
    if (auto there = world.run(examine_sources(fleet, release_run)); !there) return Ending(2, there.error());
  }
  auto row = row_for(deployment, *claim, settings_, reason);
  Bulletin bulletin(*claim, row.id, reporter_);
  Run run({world, registry_, store, bulletin, settings_, deployment, row, *state});
  if (auto begun = run.begin(std::nullopt); !begun) return Ending(2, begun.error());
  return run.execute(
      [&](effects::Scope scope) { return go_back_to(std::move(scope), deployment, release_run, manner); });
}

}  // namespace shunt
