// The verb `status`: what serves, what runs, who is at work, and whether the world is as recorded.
#include <fmt/format.h>

#include "deploy/compose.hpp"
#include "deploy/load.hpp"
#include "deploy/world.hpp"
#include "effects/fleet.hpp"
#include "effects/live.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

struct Picture {
  Value services = Value::array();
  Value drift = Value::array();
};

Value colour_entry(const store::AppState& state, std::optional<Colour> colour) {
  Value entry = {{"color", nullptr}, {"version", nullptr}};
  if (!colour) return entry;
  entry["color"] = name_of(*colour);
  const auto recorded = state.colors.find(text_of(*colour));
  if (recorded == state.colors.end()) return entry;
  entry["version"] = recorded->value("version", Value());
  entry["release"] = recorded->value("release", Value());
  if (recorded->value("hold_until", std::int64_t{0}) > 0) entry["hold_until"] = to_timestamp((*recorded)["hold_until"]);
  return entry;
}

// Whoever keeps them may be away; then nothing is known of them.
Task<Outcome> instances_of(effects::Fleet& fleet, effects::Live& live, std::string service) {
  Call list("instances.list", {{"service", service}});
  Outcome found = co_await live.perform(std::move(list));
  if (!found.ok()) co_return std::move(found);
  Value instances = Value::array();
  for (auto& instance : found.value) {
    bool healthy = false;
    const auto colour = colour_named(instance.value("color", "")).value_or(Colour::blue);
    if (fleet.deployment().service(service, colour) != nullptr && instance["state"] == "running") {
      Call look(
          "instances.health",
          {{"service", service}, {"color", instance["color"]}, {"index", instance["index"]}, {"timeout_ms", 2'000}});
      Outcome health = co_await live.perform(std::move(look));
      healthy = health.ok() && health.value.value("ok", false);
    }
    instance["healthy"] = healthy;
    instances.push_back(instance);
  }
  Outcome all(std::move(instances));
  co_return std::move(all);
}

void compare_shares(Picture& picture, const std::string& service, const ProxyView& view, const store::AppState& state) {
  const auto recorded = state.shares.find(service);
  if (recorded == state.shares.end()) return;
  if (view.effective.blue == recorded->value("blue", 0) && view.effective.green == recorded->value("green", 0)) return;
  picture.drift.push_back(
      {{"service", service},
       {"what", "shares"},
       {"message", fmt::format("the proxy of {} shows blue {} %, green {} %; recorded is blue {} %, green {} %",
                               service, view.effective.blue, view.effective.green, recorded->value("blue", 0),
                               recorded->value("green", 0))}});
}

void check_live_runs(Picture& picture, const std::string& service, const Value& instances,
                     const store::AppState& state) {
  if (!state.live) return;
  for (const auto& instance : instances)
    if (instance["color"] == name_of(*state.live) && instance["state"] == "running") return;
  picture.drift.push_back(
      {{"service", service},
       {"what", "down"},
       {"message", fmt::format("{} of {} should be serving, but it does not run", name_of(*state.live), service)}});
}

Value drift_of(const std::string& service, const char* what, const Error& error) {
  return {{"service", service}, {"what", what}, {"message", error.message}, {"code", error.code}};
}

Task<Result<ProxyView>> view_of(effects::Fleet& fleet, std::string service) {
  auto proxy = co_await fleet.current_proxy(service);
  if (!proxy) {
    Result<ProxyView> no(proxy.error());
    co_return std::move(no);
  }
  auto view = co_await (*proxy)->observe();
  co_return std::move(view);
}

Task<Picture> look_around(effects::Fleet& fleet, effects::Live& live, const store::AppState* state, bool busy) {
  Picture picture;
  for (const auto& service : fleet.deployment().service_names()) {
    Outcome instances = co_await instances_of(fleet, live, service);
    Value entry = {{"name", service}, {"instances", nullptr}, {"traffic", {{"blue", 0}, {"green", 0}}}};
    if (instances.ok()) {
      entry["instances"] = instances.value;
      if (!busy) check_live_runs(picture, service, instances.value, *state);
    } else {
      picture.drift.push_back(drift_of(service, "runtime", *instances.error));
    }
    if (fleet.deployment().proxied(service) != nullptr) {
      auto view = co_await view_of(fleet, service);
      if (view) {
        entry["traffic"] = {{"blue", view->effective.blue}, {"green", view->effective.green}};
        if (!busy) compare_shares(picture, service, *view, *state);
      } else {
        entry["traffic"] = nullptr;
        // Where its instances are found by their runtime, that one's error says it already.
        const bool is_proxy = instances.ok() || view.error().code != instances.error->code;
        if (is_proxy) picture.drift.push_back(drift_of(service, "proxy", view.error()));
      }
    }
    picture.services.push_back(std::move(entry));
  }
  co_return std::move(picture);
}

Deployment seen_through(const App& app, store::Store* store, const store::AppState& state) {
  Deployment deployment;
  deployment.app = app.name;
  deployment.to = state.live.value_or(Colour::blue);
  deployment.next.services = resolve(app, "", deployment.to);
  deployment.prior.services = resolve(app, "", deployment.from());
  if (store == nullptr) return deployment;
  for (const auto colour : both_colours) {
    auto side = recorded_side(*store, state, colour);
    if (!side || side->services.empty()) continue;
    (colour == deployment.to ? deployment.next : deployment.prior) = std::move(*side);
  }
  return deployment;
}

Value run_entry(const store::Run& run) {
  return {{"id", run.id},
          {"state", run.state},
          {"verb", run.verb},
          {"strategy", run.strategy},
          {"version", run.version},
          {"started", to_timestamp(run.started)},
          {"ended", run.ended == 0 ? Value() : Value(to_timestamp(run.ended))}};
}

}  // namespace

Ending Engine::status(const std::filesystem::path& app_file) {
  const auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  const auto folder = state_folder(settings_, app->name);
  auto opened = store::open(folder, store::Mode::read);
  store::Store* store = opened ? opened->get() : nullptr;
  store::AppState state;
  Value deployment_entry;
  std::optional<Error> damage;
  if (!opened && opened.error().code != "SH1805") damage = opened.error();
  if (store != nullptr) {
    const auto known = store->state();
    const auto runs = store->runs(1);
    if (!known || !runs) damage = known ? runs.error() : known.error();
    if (damage) store = nullptr;  // what the world shows is told all the same
    if (!damage) state = *known;
    if (!damage && !runs->empty()) deployment_entry = run_entry(runs->front());
  }
  const auto holder = store::Lock::holder(store::app_lock_file(folder));
  const auto deployment = seen_through(*app, store, state);
  World world(folder, settings_.helpers);
  effects::Fleet fleet(deployment, world.context(), registry_);
  effects::Live live(fleet, effects::Stamp());
  const auto picture = world.run(look_around(fleet, live, &state, holder || damage));
  const std::optional<Colour> idle = state.live ? std::optional(other(*state.live)) : std::nullopt;
  Ending ending;
  ending.document = {{"app", app->name},
                     {"state_dir", folder.string()},
                     {"live", colour_entry(state, state.live)},
                     {"idle", colour_entry(state, idle)},
                     {"services", picture.services},
                     {"deployment", deployment_entry},
                     {"drift", picture.drift},
                     {"lock", holder ? store::to_value(*holder) : Value()}};
  ending.exit = picture.drift.empty() ? 0 : 1;
  if (damage) ending.exit = 3;
  ending.error = std::move(damage);
  return ending;
}

}  // namespace shunt
