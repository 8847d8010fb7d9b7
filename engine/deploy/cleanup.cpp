// The verb `cleanup`: idle colours whose hold is over are stopped and removed.
#include <fmt/format.h>

#include "deploy/compose.hpp"
#include "deploy/courier.hpp"
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

constexpr Milliseconds delivery_budget{30'000};

Task<std::size_t> count_instances(effects::Fleet& fleet, Colour colour) {
  std::size_t count = 0;
  auto instances = co_await fleet.instances();
  if (instances)
    for (const auto& instance : *instances)
      if (instance.labels.color == colour) ++count;
  co_return count;
}

struct Left {
  std::size_t count = 0;
  std::optional<Error> error;  ///< why it is not known

  Left() = default;
};

// How much of what earlier releases left may go.
Task<Left> count_surplus(effects::Fleet& fleet, Wanted wanted) {
  Left left;
  for (const auto& service : fleet.deployment().next.services) {
    if (!service.prepares) continue;
    auto runtime = fleet.runtime(service.name, fleet.deployment().to);
    if (!runtime) {
      left.error = runtime.error();
      break;
    }
    auto names = co_await (*runtime)->surplus(wanted);
    if (names) left.count += names->size();
    if (!names) left.error = names.error();
  }
  co_return left;
}

// What runs is in use; what served well before may be gone back to.
Result<Wanted> wanted_releases(store::Store& store, const std::string& app, const store::AppState& state) {
  Wanted wanted;
  wanted.app = app;
  const auto live = state.colors.find(text_of(*state.live));
  if (live != state.colors.end()) wanted.in_use.push_back(live->value("release", ""));
  const auto releases = store.releases();
  if (!releases) return releases.error();
  for (const auto& release : *releases)
    if (release.ended == "succeeded" && !release.rolled_back_from) wanted.earlier.push_back(release.id);
  return wanted;
}

// The idle side as it was recorded; leftovers that nothing describes are stopped by name, with the live side's
// runtimes.
Side idle_side(const Side& recorded, const Side& live) {
  if (!recorded.services.empty()) return recorded;
  Side side = live;
  side.release.clear();
  side.version = "leftovers";
  for (auto& service : side.services) service.places.clear();
  return side;
}

std::int64_t hold_of(const store::AppState& state, Colour idle) {
  const auto recorded = state.colors.find(text_of(idle));
  return recorded == state.colors.end() ? 0 : recorded->value("hold_until", std::int64_t{0});
}

Ending clean(Claim& claim, const std::string& app, bool due_only, const Registry& registry, const Settings& settings,
             Reporter& reporter) {
  auto& store = claim.store();
  const auto state = store.state();
  if (!state) return Ending(3, state.error());
  if (!state->live) return Ending(5, "nothing is recorded, so there is nothing to clean up");
  const auto idle = other(*state->live);
  const auto hold_until = hold_of(*state, idle);
  if (hold_until > wall_clock_ms())
    return Ending(5, fmt::format("{} is held until {}", name_of(idle), to_timestamp(hold_until)));
  if (due_only && hold_until == 0) return Ending(5, "no hold is over");
  const auto live = recorded_side(store, *state, *state->live);
  const auto recorded = recorded_side(store, *state, idle);
  if (!live) return Ending(3, live.error());
  if (!recorded) return Ending(3, recorded.error());
  Deployment deployment;
  deployment.id = store::new_run_id(wall_clock_ms());
  deployment.app = app;
  deployment.verb = "cleanup";
  deployment.strategy = "cleanup";
  deployment.to = *state->live;
  deployment.next = *live;
  deployment.prior = idle_side(*recorded, *live);
  const auto wanted = wanted_releases(store, app, *state);
  if (!wanted) return Ending(3, wanted.error());
  bool runs = false;
  World world(claim.folder(), settings.helpers);
  {
    effects::Fleet fleet(deployment, world.context(), registry);
    runs = world.run(count_instances(fleet, idle)) > 0;
    const auto left = world.run(count_surplus(fleet, *wanted));
    if (left.error) return Ending(exit_for(*left.error), *left.error);
    if (!runs && left.count == 0) return Ending(5, fmt::format("nothing runs in {}", name_of(idle)));
    if (auto held = take_charge(world, fleet, claim); !held) return Ending(exit_for(held.error()), held.error());
    if (auto fine = world.run(examine(fleet, *state, false)); !fine)
      return Ending(exit_for(fine.error()), fine.error());
  }
  auto row = row_for(deployment, claim, settings, due_only ? "its hold is over" : "");
  row.inputs["routine"] = retire_idle(runs, *wanted);
  LiveRun run({world, registry, store, reporter, settings, deployment, row, *state});
  if (auto begun = run.begin(std::nullopt); !begun) return Ending(2, begun.error());
  claim.describe(row.id, "cleanup");
  return run.execute(body_of(row.inputs["routine"], run.machinery().stage()));
}

// What could not be sent when it was due; a run sends its own.
void deliver_notices(Claim& claim, const Registry& registry, const Settings& settings) {
  World world(claim.folder(), settings.helpers);
  Courier courier(world.context(), registry, claim.store());
  if (courier.has_mail()) world.run(courier.deliver(delivery_budget));
}

}  // namespace

Ending Engine::cleanup(const std::filesystem::path& app_file) {
  auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  auto claim = Claim::take(settings_, app->name, "cleanup");
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  if (auto stop = clear_the_desk(*claim, tools())) return *stop;
  return clean(*claim, app->name, false, registry_, settings_, reporter_);
}

Ending Engine::cleanup_due() {
  Ending worst(0, "nothing was due");
  for (const auto& app : known_apps(settings_)) {
    auto claim = Claim::take(settings_, app, "cleanup --due", Milliseconds(0));
    if (!claim) continue;
    const auto open = interrupted_runs(claim->store());
    if (!open || !open->empty()) continue;
    deliver_notices(*claim, registry_, settings_);
    auto ending = clean(*claim, app, true, registry_, settings_, reporter_);
    if (ending.exit != 5 && ending.exit >= worst.exit) worst = std::move(ending);
  }
  return worst;
}

}  // namespace shunt
