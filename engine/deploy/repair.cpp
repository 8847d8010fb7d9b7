// The verb `repair`: makes the world what the store says, or the store what the world shows.
#include <fmt/format.h>

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

Result<Deployment> repair_of(const std::string& app, store::Store& store, const store::AppState& state) {
  Deployment deployment;
  deployment.id = store::new_run_id(wall_clock_ms());
  deployment.app = app;
  deployment.verb = "repair";
  deployment.strategy = "repair";
  deployment.to = *state.live;
  auto live = recorded_side(store, state, *state.live);
  auto idle = recorded_side(store, state, other(*state.live));
  if (!live) return live.error();
  if (!idle) return idle.error();
  deployment.next = std::move(*live);
  deployment.prior = std::move(*idle);
  return deployment;
}

Ending repair_now(Claim& claim, const std::string& app, const Registry& registry, const Settings& settings,
                  Reporter& reporter) {
  auto& store = claim.store();
  const auto state = store.state();
  if (!state) return Ending(3, state.error());
  if (!state->live) return Ending(5, "nothing is recorded as live, so there is nothing to repair");
  const auto deployment = repair_of(app, store, *state);
  if (!deployment) return Ending(3, deployment.error());
  World world(claim.folder(), settings.helpers);
  {
    effects::Fleet fleet(*deployment, world.context(), registry);
    if (auto held = take_charge(world, fleet, claim); !held) return Ending(exit_for(held.error()), held.error());
  }
  auto row = row_for(*deployment, claim, settings, "");
  row.inputs["routine"] = bring_back();
  LiveRun run({world, registry, store, reporter, settings, *deployment, row, *state});
  if (auto begun = run.begin(std::nullopt); !begun) return Ending(2, begun.error());
  claim.describe(row.id, "repair");
  auto ending = run.execute(body_of(row.inputs["routine"], run.machinery().stage()));
  if (ending.exit != 0) return ending;
  if (auto closed = close_needing_operator(store, "repair " + row.id); !closed) return Ending(3, closed.error());
  return ending;
}

struct Seen {
  Value shares = Value::object();
  std::optional<Colour> live;
  std::string version;  ///< of what runs there, "" where nothing says so
  bool mixed = false;
  std::optional<Error> error;
};

Task<Seen> see(effects::Fleet& fleet) {
  Seen seen;
  bool first = true;
  for (const auto& service : fleet.deployment().service_names()) {
    if (fleet.deployment().proxied(service) == nullptr) continue;
    auto proxy = co_await fleet.current_proxy(service);
    if (!proxy) {
      seen.error = proxy.error();
      co_return std::move(seen);
    }
    auto view = co_await (*proxy)->observe();
    if (!view) {
      seen.error = view.error();
      co_return std::move(seen);
    }
    std::optional<Colour> here;
    for (const auto colour : both_colours)
      if (view->effective[colour] == 100) here = colour;
    if (!here && view->effective.blue + view->effective.green > 0) seen.mixed = true;
    if (!first && here != seen.live) seen.mixed = true;
    seen.live = here;
    first = false;
    seen.shares[service] = {
        {"blue", view->effective.blue}, {"green", view->effective.green}, {"proxy_started", view->started}};
  }
  auto instances = co_await fleet.instances();
  if (!instances) seen.error = instances.error();
  if (!instances || !seen.live) co_return std::move(seen);
  for (const auto& one : *instances)
    if (one.labels.color == *seen.live && one.state == "running") seen.version = one.labels.version;
  co_return std::move(seen);
}

Error not_recorded(const Seen& seen, const std::string& recorded) {
  const auto colour = name_of(*seen.live);
  const auto what = seen.version.empty() ? std::string(colour) : fmt::format("{} in {}", seen.version, colour);
  return {"SH1931", Kind::adapter,
          recorded.empty() ? fmt::format("the proxies show {}, but no release is recorded there", what)
                           : fmt::format("the proxies show {}, but {} is recorded there", what, recorded),
          "go back to what is recorded with `shunt repair`"};
}

// `--accept`: what the proxies show is right from now on.
Ending accept(Claim& claim, const std::string& app, const Registry& registry, const Settings& settings) {
  auto& store = claim.store();
  auto state = store.state();
  if (!state) return Ending(3, state.error());
  if (!state->live) return Ending(5, "nothing is recorded as live, so there is nothing to accept");
  const auto deployment = repair_of(app, store, *state);
  if (!deployment) return Ending(3, deployment.error());
  World world(claim.folder(), settings.helpers);
  effects::Fleet fleet(*deployment, world.context(), registry);
  const auto seen = world.run(see(fleet));
  if (seen.error) return Ending(2, *seen.error);
  if (seen.mixed)
    return Ending(
        3, Error("SH1930", Kind::adapter, "the proxies show a mixture of both colours, which is no state to go on from",
                 "send all traffic to one colour by hand, then `shunt repair --accept`; or go back to what is recorded "
                 "with `shunt repair`")
               .with({{"shares", seen.shares}}));
  const auto recorded =
      seen.live ? state->colors.value(text_of(*seen.live), Value::object()).value("version", "") : std::string();
  const bool another = !seen.version.empty() && seen.version != recorded;
  if (seen.live && (recorded.empty() || another)) return Ending(3, not_recorded(seen, recorded));
  state->live = seen.live;
  state->shares = seen.live ? seen.shares : Value::object();
  if (!seen.live) state->colors = Value::object();
  if (auto saved = store.save(*state); !saved) return Ending(3, saved.error());
  if (auto closed = close_needing_operator(store, "repair --accept"); !closed) return Ending(3, closed.error());
  return Ending(0, seen.live ? fmt::format("recorded: {} serves", name_of(*seen.live))
                             : "recorded: nothing serves; the next deployment is a first one");
}

// The first thing that `--accept` does, so that nothing else is refused for what the world remembers.
std::optional<Ending> accept_memories(Claim& claim, const std::string& app, const Registry& registry,
                                      const Settings& settings) {
  const auto state = claim.store().state();
  if (!state) return Ending(3, state.error());
  if (!state->live) return std::nullopt;
  const auto deployment = repair_of(app, claim.store(), *state);
  if (!deployment) return Ending(3, deployment.error());
  World world(claim.folder(), settings.helpers);
  effects::Fleet fleet(*deployment, world.context(), registry);
  if (auto held = take_targets(fleet, claim); !held) return Ending(exit_for(held.error()), held.error());
  if (auto known = accept_outside(world, fleet, claim, settings.by); !known) return Ending(3, known.error());
  return std::nullopt;
}

// A proxy that began after the shares were confirmed may have forgotten them, and one that began long before does not
// know where an instance is that was started again since; a live release that is not running is no reason to act here.
Task<bool> forgot(effects::Fleet& fleet, const store::AppState* state) {
  bool due = false;
  for (const auto& service : fleet.deployment().service_names()) {
    const auto recorded = state->shares.find(service);
    if (recorded == state->shares.end() || fleet.deployment().proxied(service) == nullptr) continue;
    auto proxy = co_await fleet.current_proxy(service);
    if (!proxy) co_return false;
    auto view = co_await (*proxy)->observe();
    if (!view) co_return false;
    const bool newer = view->started > recorded->value("proxy_started", std::int64_t{0});
    const bool differs =
        view->effective.blue != recorded->value("blue", 0) || view->effective.green != recorded->value("green", 0);
    due = due || view->stale || (newer && differs);
  }
  co_return due;
}

}  // namespace

Ending Engine::repair(const std::filesystem::path& app_file, bool accept_shown) {
  auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  auto claim = Claim::take(settings_, app->name, "repair");
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  if (accept_shown)
    if (auto stop = accept_memories(*claim, app->name, registry_, settings_)) return *stop;
  const auto open = interrupted_runs(claim->store());
  if (!open) return Ending(3, open.error());
  for (const auto& run : *open) {
    auto ending = settle(*claim, run, tools());
    if (ending.state.empty()) return ending;
  }
  if (accept_shown) return accept(*claim, app->name, registry_, settings_);
  return repair_now(*claim, app->name, registry_, settings_, reporter_);
}

Ending Engine::repair_due() {
  Ending worst(0, "nothing was due");
  for (const auto& app : known_apps(settings_)) {
    auto claim = Claim::take(settings_, app, "repair --due", Milliseconds(0));
    if (!claim) continue;
    const auto open = interrupted_runs(claim->store());
    const auto state = claim->store().state();
    if (!open || !open->empty() || !state || !state->live) continue;
    const auto deployment = repair_of(app, claim->store(), *state);
    if (!deployment) continue;
    {
      World world(claim->folder(), settings_.helpers);
      effects::Fleet fleet(*deployment, world.context(), registry_);
      if (!world.run(forgot(fleet, &*state))) continue;
      if (auto fine = world.run(examine(fleet, *state, false)); !fine && fine.error().code == "SH1922") continue;
    }
    auto ending = repair_now(*claim, app, registry_, settings_, reporter_);
    if (ending.exit != 5 && ending.exit >= worst.exit) worst = std::move(ending);
  }
  return worst;
}

}  // namespace shunt
