#include <fmt/format.h>

#include "steps/look.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

// An idle server with a weight gets requests the moment its process is up, proven or not.
Task<Outcome> take_weight_from(Stage stage, Scope scope, std::string service, Colour colour) {
  const auto weights = stage.facts.proxies[service].weights;
  Outcome nothing;
  if (weights[colour] == 0) co_return std::move(nothing);
  Weights lowered = weights;
  lowered[colour] = 0;
  register_restore(stage, scope);
  Call set("proxy.set", {{"service", service}, {"blue", lowered.blue}, {"green", lowered.green}});
  Outcome applied = co_await patiently(scope, std::move(set), proxy_patience_ms);
  if (!applied.ok()) co_return std::move(applied);
  Outcome view = co_await observe(stage, scope, service);
  if (!view.ok()) co_return std::move(view);
  if (weights_in(view.value, "weights")[colour] != 0) {
    Outcome no(
        Error("SH1506", Kind::adapter,
              fmt::format("the proxy of {} did not take the weight from the idle colour {}", service, name_of(colour)),
              "look for another program that changes the weights"));
    co_return std::move(no);
  }
  co_return std::move(nothing);
}

// Whatever runs in the colour already (kept by a hold, left behind) is never reused.
Task<Outcome> clear(Stage stage, Scope scope, std::string service, Colour colour) {
  Call list("instances.list", {{"service", service}, {"color", name_of(colour)}});
  Outcome found = co_await patiently(scope, std::move(list), proxy_patience_ms);
  if (!found.ok() || found.value.empty()) co_return std::move(found);
  Value fields = {{"message", fmt::format("what still ran as {} of {} is stopped first", name_of(colour), service)}};
  scope.announce(Event("warning", std::move(fields)));
  stage.facts.had_traffic.insert({service, colour});
  Call retire("retire", {{"service", service}, {"color", name_of(colour)}});
  Outcome retired = co_await scope.perform(std::move(retire));
  co_return std::move(retired);
}

void register_retire(const Stage& stage, const Scope& scope, Colour colour) {
  if (stage.facts.retirable) return;
  stage.facts.retirable = true;
  Value services = Value::array();
  for (const auto& service : stage.deployment.side(colour).services) services.push_back(service.name);
  scope.register_undo(Undo(Tier::clean_up, Call("retire", {{"color", name_of(colour)}, {"services", services}})));
}

Task<Outcome> start_all(Stage stage, Scope scope, const Service* service, Colour colour) {
  for (const auto& place : service->places) {
    register_retire(stage, scope, colour);
    Call start("instances.start", {{"service", service->name}, {"color", name_of(colour)}, {"index", place.index}});
    Outcome started = co_await scope.perform(std::move(start));
    if (!started.ok()) co_return std::move(started);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

}  // namespace

Task<Outcome> launch(Stage stage, Scope scope, Value args) {
  const auto colour = colour_in(args, stage.deployment.to);
  const std::string only = args.value("service", "");
  Outcome done = co_await look(stage, scope);
  if (!done.ok()) co_return std::move(done);
  // What must be fetched or built is there before anything is touched.
  for (const auto& service : stage.deployment.side(colour).services) {
    if (!service.prepares || (!only.empty() && service.name != only)) continue;
    Call prepare("instances.prepare", {{"service", service.name}, {"color", name_of(colour)}});
    done = co_await scope.perform(std::move(prepare));
    if (!done.ok()) co_return std::move(done);
  }
  for (const auto& service : stage.deployment.side(colour).services) {
    if (service.singleton || (!only.empty() && service.name != only)) continue;
    if (service.has_proxy()) {
      done = co_await take_weight_from(stage, scope, service.name, colour);
      if (!done.ok()) co_return std::move(done);
    }
    done = co_await clear(stage, scope, service.name, colour);
    if (!done.ok()) co_return std::move(done);
  }
  for (const auto& service : stage.deployment.side(colour).services) {
    if (service.singleton || (!only.empty() && service.name != only)) continue;
    done = co_await start_all(stage, scope, &service, colour);
    if (!done.ok()) co_return std::move(done);
  }
  Outcome launched(Value{{"color", name_of(colour)}});
  co_return std::move(launched);
}

}  // namespace shunt::steps
