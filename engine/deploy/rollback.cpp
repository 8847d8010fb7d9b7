// The verb `rollback`: the previous release serves again.
#include <fmt/format.h>
#include <algorithm>

#include "deploy/bulletin.hpp"
#include "deploy/compose.hpp"
#include "deploy/live_run.hpp"
#include "deploy/load.hpp"
#include "deploy/outside.hpp"
#include "deploy/routine.hpp"
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

// It was started by the run that made it, and by those that went back to it since.
Result<std::vector<std::string>> runs_that_started(store::Store& store, const store::Release& release) {
  constexpr int enough = 500;
  std::vector<std::string> ids = {release.run};
  const auto runs = store.runs(enough);
  if (!runs) return runs.error();
  for (const auto& run : *runs)
    if (run.id != release.run && deployment_from(run.inputs).next.release == release.id) ids.push_back(run.id);
  return ids;
}

}  // namespace

Ending Engine::rollback(const std::filesystem::path& app_file, const std::string& mode, const std::string& reason) {
  auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  const auto chosen = mode.empty() ? app->rollback_mode : mode;
  auto claim = Claim::take(settings_, app->name, "rollback");
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  if (auto stop = clear_the_desk(*claim, tools())) return *stop;
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
  const auto over_ms = chosen == "gradual" ? app->rollback_over_ms : 0;
  deployment.timeout_ms = std::max(deployment.timeout_ms, 2 * over_ms);
  if (deployment.to == *state->live)
    return Ending(2, Error("SH1929", Kind::config,
                           fmt::format("{} was deployed in {}, where {} serves now", (*previous)->version,
                                       name_of(deployment.to), live->version),
                           fmt::format("deploy it again: `shunt deploy {}`", (*previous)->version)));
  const auto runs = runs_that_started(store, **previous);
  if (!runs) return Ending(3, runs.error());
  World world(claim->folder(), settings_.helpers);
  {
    effects::Fleet fleet(deployment, world.context(), registry_);
    if (auto held = take_charge(world, fleet, *claim); !held) return Ending(exit_for(held.error()), held.error());
    auto fine = world.run(examine(fleet, *state, true));
    // A live version that is down is a reason to roll back, not one against it.
    if (!fine && fine.error().code != "SH1922") return Ending(exit_for(fine.error()), fine.error());
    if (auto there = world.run(examine_sources(fleet, *runs)); !there) return Ending(2, there.error());
  }
  auto row = row_for(deployment, *claim, settings_, reason);
  row.inputs["routine"] = go_back_to(*runs, over_ms, chosen == "swap");
  Bulletin bulletin(*claim, row.id, reporter_);
  LiveRun run({world, registry_, store, bulletin, settings_, deployment, row, *state});
  if (auto begun = run.begin(std::nullopt); !begun) return Ending(2, begun.error());
  return run.execute(body_of(row.inputs["routine"], run.machinery().stage()));
}

}  // namespace shunt
