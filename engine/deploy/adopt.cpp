// The verb `adopt`: what already runs and serves becomes the live release, without being touched.
#include <fmt/format.h>

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

Error recorded_already(const std::string& version, Colour live) {
  return {"SH1934", Kind::config, fmt::format("{} is recorded as live in {} already", version, name_of(live)),
          "see `shunt status`; if nothing of it serves any more: `shunt repair --accept`, then adopt"};
}

Error not_running(const Place& place) {
  return {"SH1407", Kind::config, fmt::format("nobody listens at {}, where {} should", place.address, place.id),
          "start it, or correct the port in the app file"};
}

Error not_serving(const std::string& service, Colour colour, const Weights& effective) {
  return {"SH1935", Kind::config,
          fmt::format("the proxy of {} sends {} % to {}, so it is not what serves", service, effective[colour],
                      name_of(colour)),
          fmt::format("adopt the other one: --as {}; or correct the weights in the proxy", name_of(other(colour)))};
}

// Somebody listens at every address, and every proxy sends all requests there.
Task<Result<void>> examine_serving(effects::Fleet& fleet, Colour colour) {
  for (const auto& service : fleet.deployment().next.services) {
    auto runtime = fleet.runtime(service.name, colour);
    if (!runtime) {
      Result<void> no(runtime.error());
      co_return std::move(no);
    }
    for (const auto& place : service.places) {
      std::string nobody;
      std::string address = place.address;
      auto listener = co_await (*runtime)->listener(std::move(nobody), std::move(address));
      if (listener && listener->present) continue;
      Result<void> no(listener ? not_running(place) : listener.error());
      co_return std::move(no);
    }
    if (!service.has_proxy()) continue;
    auto proxy = co_await fleet.current_proxy(service.name);
    if (!proxy) {
      Result<void> no(proxy.error());
      co_return std::move(no);
    }
    auto view = co_await (*proxy)->observe();
    if (view && view->effective[colour] == 100) continue;
    Result<void> no(view ? not_serving(service.name, colour, view->effective) : view.error());
    co_return std::move(no);
  }
  Result<void> fine;
  co_return std::move(fine);
}

// Everything that runs is in one colour; nothing runs in the other one.
Deployment adoption_of(const App& app, const AdoptRequest& request) {
  auto deployment = compose(app, request.version, other(request.color), Side(), store::new_run_id(wall_clock_ms()));
  deployment.verb = "adopt";
  deployment.strategy = "adopt";
  deployment.first = true;
  deployment.next.adopted = true;
  deployment.prior.services = resolve(app, request.version, deployment.from());
  return deployment;
}

}  // namespace

Ending Engine::adopt(const AdoptRequest& request) {
  if (auto fine = check_version(request.version); !fine) return Ending(2, fine.error());
  auto app = load_app(request.app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  auto claim = Claim::take(settings_, app->name, "adopt " + request.version);
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  if (auto stop = clear_the_desk(*claim, tools())) return *stop;
  const auto state = claim->store().state();
  if (!state) return Ending(3, state.error());
  if (state->live)
    return Ending(2, recorded_already(state->colors.value(text_of(*state->live), Value::object()).value("version", "?"),
                                      *state->live));
  auto deployment = adoption_of(*app, request);
  World world(claim->folder(), settings_.helpers);
  {
    effects::Fleet fleet(deployment, world.context(), registry_);
    if (auto held = take_charge(world, fleet, *claim); !held) return Ending(exit_for(held.error()), held.error());
    if (auto fine = world.run(examine_serving(fleet, request.color)); !fine) return Ending(2, fine.error());
  }
  auto row = row_for(deployment, *claim, settings_, request.reason);
  row.release = deployment.next.release;
  Bulletin bulletin(*claim, row.id, reporter_);
  row.inputs["routine"] = take_over(request.may_stop);
  LiveRun run({world, registry_, claim->store(), bulletin, settings_, deployment, row, *state});
  if (auto begun = run.begin(new_release(deployment, *app, "")); !begun) return Ending(2, begun.error());
  return run.execute(body_of(row.inputs["routine"], run.machinery().stage()));
}

}  // namespace shunt
