// Downtime on purpose: the old colour ends before the new one starts; and how to get it back.
#include <fmt/format.h>

#include "steps/look.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

Task<Outcome> stop_old(Stage stage, Scope scope, Value) {
  const auto old = stage.deployment.from();
  Outcome nothing;
  if (stage.deployment.first) co_return std::move(nothing);
  Outcome done = co_await look(stage, scope);
  if (!done.ok()) co_return std::move(done);
  scope.register_undo(Undo(Tier::target, Call("revive", {{"color", name_of(old)}})));
  if (has_singletons(stage))
    scope.register_undo(Undo(Tier::capacity, Call("swap_singletons", {{"color", name_of(old)}})));
  stage.facts.revivable = true;
  for (const auto& service : chosen_with_proxy(stage, Value::object())) {
    register_restore(stage, scope);
    Weights lowered = stage.facts.proxies[service].weights;
    lowered[old] = 0;
    Call set("proxy.set", {{"service", service}, {"blue", lowered.blue}, {"green", lowered.green}});
    done = co_await patiently(scope, std::move(set), proxy_patience_ms);
    if (!done.ok()) co_return std::move(done);
  }
  Call retire("retire", {{"color", name_of(old)}});
  done = co_await scope.perform(std::move(retire));
  co_return std::move(done);
}

namespace {

// Starts one place again unless its program runs. `value.ready` tells whether it is ready already.
Task<Outcome> revive_one(Scope scope, std::string service, Colour colour, Place place, std::int64_t patience_ms) {
  const Value seat = {{"service", service}, {"color", name_of(colour)}};
  Call look("instances.health", seat);
  look.args["index"] = place.index;
  look.args["timeout_ms"] = 2'000;
  Outcome health = co_await patiently(scope, std::move(look), patience_ms);
  if (!health.ok()) co_return std::move(health);
  Outcome outcome(Value{{"ready", health.value.value("ok", false)}});
  // What its runtime starts again by itself is only waited for.
  const std::string state = health.value.value("state", "");
  if (state == "running" || state == "starting" || state == "restarting") co_return std::move(outcome);
  Value fields = {{"message", fmt::format("{} does not run; it is started again", place.id)}};
  scope.announce(Event("warning", std::move(fields)));
  Call start("instances.start", seat);
  start.args["index"] = place.index;
  Outcome started = co_await patiently(scope, std::move(start), patience_ms);
  if (!started.ok()) co_return std::move(started);
  co_return std::move(outcome);
}

}  // namespace

// Starts whatever of the colour is not running, and proves it.
Task<Outcome> revive(Stage stage, Scope scope, Value args) {
  const auto colour = colour_in(args, stage.deployment.from());
  const auto patience_ms = stage.deployment.rollback_timeout_ms / 4;
  bool all_ready = true;
  Outcome nothing;
  for (const auto& service : stage.deployment.side(colour).services)
    for (const auto& place : service.places) {
      if (service.singleton) continue;  // not beside the other colour's: swap_singletons comes in the capacity tier
      Outcome one = co_await revive_one(scope, service.name, colour, place, patience_ms);
      if (!one.ok()) co_return std::move(one);
      all_ready = all_ready && one.value.value("ready", false);
    }
  if (all_ready) co_return std::move(nothing);
  Call await("await_healthy", {{"color", name_of(colour)}});
  Outcome ready = co_await scope.perform(std::move(await));
  co_return std::move(ready);
}

}  // namespace shunt::steps
