#include <fmt/format.h>

#include "steps/look.hpp"
#include "steps/move.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

Weights weights_for(const Stage& stage, const Value& args) {
  if (args.contains("blue") || args.contains("green")) return Weights(args.value("blue", 0), args.value("green", 0));
  const int percent = args.value("percent", 100);
  Weights weights;
  weights[stage.deployment.to] = percent;
  weights[stage.deployment.from()] = 100 - percent;
  return weights;
}

bool in_range(const Weights& weights) {
  for (const auto colour : both_colours)
    if (weights[colour] < 0 || weights[colour] > 100) return false;
  return weights.blue + weights.green > 0;
}

// Where nothing served before there is nobody to share with.
void send_all_on_first(const Stage& stage, const Scope& scope, Weights& weights) {
  if (!stage.deployment.first || weights[stage.deployment.to] == 0) return;
  if (weights[stage.deployment.to] != 100) {
    Value fields = {{"message", "nothing served before, so the new version gets 100 % at once"}};
    scope.announce(Event("warning", std::move(fields)));
  }
  weights[stage.deployment.to] = 100;
  weights[stage.deployment.from()] = 0;
}

Error started_again(const std::string& id, const Value& instance) {
  Error error("SH1320", Kind::unhealthy,
              fmt::format("{} ended and was started again since it was proven, so it gets no traffic", id),
              "read its output: `shunt logs`, or the tail in `shunt show`");
  error.evidence = instance;
  return error;
}

// Proven holds for one life of an instance: whatever was started again since has proven nothing.
Task<Outcome> still_proven(Stage stage, Scope scope, std::string service) {
  const auto colour = stage.deployment.to;
  Call list("instances.list", {{"service", service}, {"color", name_of(colour)}});
  Outcome found = co_await scope.perform(std::move(list));
  if (!found.ok()) co_return std::move(found);
  for (const auto& [spot, started] : stage.facts.proven) {
    if (spot.first != Seat{service, colour}) continue;
    for (const auto& instance : found.value) {
      if (instance.value("index", 0) != spot.second) continue;
      if (instance.value("state", "") == "running" && instance.value("started", std::int64_t{0}) == started) continue;
      Outcome no(started_again(instance.value("id", ""), instance));
      co_return std::move(no);
    }
  }
  co_return std::move(found);
}

}  // namespace

Task<Outcome> shift(Stage stage, Scope scope, Value args) {
  Weights weights = weights_for(stage, args);
  if (!in_range(weights)) {
    Outcome no(
        Error("SH1301", Kind::script, "these weights leave nobody to answer", "give shares from 0 to 100, not all 0"));
    co_return std::move(no);
  }
  send_all_on_first(stage, scope, weights);
  Outcome looked = co_await look(stage, scope);
  if (!looked.ok()) co_return std::move(looked);
  std::vector<Target> targets;
  for (const auto& service : chosen_with_proxy(stage, args)) {
    if (weights[stage.deployment.to] > stage.facts.proxies[service].weights[stage.deployment.to]) {
      Outcome proven = co_await still_proven(stage, scope, service);
      if (!proven.ok()) co_return std::move(proven);
    }
    targets.emplace_back(service, weights);
  }
  const auto purpose = stage.deployment.verb == "repair" ? Purpose::repair : Purpose::deploy;
  Outcome moved = co_await move(stage, scope, std::move(targets), stage.deployment.to, purpose);
  if (!moved.ok()) co_return std::move(moved);
  Outcome done(Value{{"blue", weights.blue}, {"green", weights.green}});
  co_return std::move(done);
}

Task<Outcome> traffic(Stage stage, Scope scope, Value args) {
  const auto services = chosen_with_proxy(stage, args);
  if (services.empty()) {
    Outcome none(Value{{"blue", 0}, {"green", 0}});
    co_return std::move(none);
  }
  Call get("proxy.get", {{"service", services.front()}});
  Outcome view = co_await scope.perform(std::move(get));
  if (!view.ok()) co_return std::move(view);
  Outcome shares(view.value["effective"]);
  co_return std::move(shares);
}

}  // namespace shunt::steps
