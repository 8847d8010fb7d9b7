// Services that must not run twice: the one of the colour that is left ends before the other one starts.
#include <algorithm>

#include "steps/look.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

std::vector<std::string> singletons_of(const Stage& stage) {
  std::vector<std::string> names;
  for (const auto& name : stage.deployment.service_names())
    for (const auto colour : both_colours)
      if (const auto* service = stage.deployment.service(name, colour); service != nullptr && service->singleton) {
        names.push_back(name);
        break;
      }
  return names;
}

// Where nothing served before, nothing is gone back to.
const Service* in_colour(const Stage& stage, const std::string& name, Colour colour) {
  const bool nobody = stage.deployment.first && colour == stage.deployment.from();
  return nobody ? nullptr : stage.deployment.service(name, colour);
}

// Each stop is confirmed by its runtime: what it calls stopped is gone.
Task<Outcome> end_all(Scope scope, std::string service, Colour colour) {
  Call list("instances.list", {{"service", service}, {"color", name_of(colour)}});
  Outcome found = co_await patiently(scope, std::move(list), proxy_patience_ms);
  if (!found.ok()) co_return std::move(found);
  for (const auto& instance : found.value) {
    Call stop("instances.stop", {{"service", service}, {"color", name_of(colour)}, {"id", instance["id"]}});
    Outcome stopped = co_await patiently(scope, std::move(stop), proxy_patience_ms);
    if (!stopped.ok()) co_return std::move(stopped);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

bool runs(const Value& instances, int index) {
  return std::any_of(instances.begin(), instances.end(), [&](const Value& instance) {
    return instance.value("index", 0) == index && instance.value("state", "") != "exited";
  });
}

// What runs already, or is started again by its runtime, is left alone.
Task<Outcome> start_all(Scope scope, const Service* service, Colour colour) {
  Call list("instances.list", {{"service", service->name}, {"color", name_of(colour)}});
  Outcome found = co_await patiently(scope, std::move(list), proxy_patience_ms);
  if (!found.ok()) co_return std::move(found);
  Outcome done;
  for (const auto& place : service->places) {
    if (runs(found.value, place.index)) continue;
    Call start("instances.start", {{"service", service->name}, {"color", name_of(colour)}, {"index", place.index}});
    done = co_await patiently(scope, std::move(start), proxy_patience_ms);
    if (!done.ok()) co_return std::move(done);
  }
  co_return std::move(done);
}

// What another run left in the new colour is not this version.
bool is_fresh(const Stage& stage, Colour colour) {
  return colour == stage.deployment.to && stage.deployment.verb != "repair";
}

Task<Outcome> swap_one(Stage stage, Scope scope, std::string name, Colour colour) {
  Outcome done = co_await end_all(scope, name, other(colour));
  if (!done.ok()) co_return std::move(done);
  if (is_fresh(stage, colour)) {
    done = co_await end_all(scope, name, colour);
    if (!done.ok()) co_return std::move(done);
  }
  const auto* service = in_colour(stage, name, colour);
  if (service == nullptr || !service->singleton) co_return std::move(done);
  done = co_await start_all(scope, service, colour);
  co_return std::move(done);
}

// As for what is launched: ready, and what its smoke tests say.
Task<Outcome> prove(Stage stage, Scope scope, std::string name, Colour colour) {
  Call await("await_healthy", {{"color", name_of(colour)}, {"service", name}});
  Outcome done = co_await scope.perform(std::move(await));
  if (!done.ok() || colour != stage.deployment.to) co_return std::move(done);
  Call smoke("smoke_test", {{"color", name_of(colour)}, {"service", name}});
  done = co_await scope.perform(std::move(smoke));
  co_return std::move(done);
}

void register_return(const Stage& stage, const Scope& scope, Colour colour) {
  if (colour != stage.deployment.to || stage.facts.rolling_back || stage.deployment.verb == "repair") return;
  scope.register_undo(Undo(Tier::capacity, Call("swap_singletons", {{"color", name_of(stage.deployment.from())}})));
}

}  // namespace

Task<Outcome> swap_singletons(Stage stage, Scope scope, Value args) {
  const auto colour = colour_in(args, stage.deployment.to);
  const auto names = singletons_of(stage);
  Outcome done;
  if (names.empty() || stage.facts.singletons_in == colour) co_return std::move(done);
  register_return(stage, scope, colour);
  for (const auto& name : names) {
    done = co_await swap_one(stage, scope, name, colour);
    if (!done.ok()) co_return std::move(done);
  }
  stage.facts.singletons_in = colour;
  for (const auto& name : names) {
    if (in_colour(stage, name, colour) == nullptr) continue;
    done = co_await prove(stage, scope, name, colour);
    if (!done.ok()) co_return std::move(done);
  }
  co_return std::move(done);
}

}  // namespace shunt::steps
