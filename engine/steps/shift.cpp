#include <fmt/format.h>
#include <algorithm>

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
Weights for_one(const Stage& stage, const std::string& service, Weights weights) {
  const auto& deployment = stage.deployment;
  const bool is_new = deployment.first || deployment.service(service, deployment.from()) == nullptr;
  if (!is_new || weights[deployment.to] == 0) return weights;
  weights[deployment.to] = 100;
  weights[deployment.from()] = 0;
  return weights;
}

void say_what_is_sent_at_once(const Stage& stage, const Scope& scope, const std::string& service) {
  const auto known = stage.facts.proxies.find(service);
  if (known != stage.facts.proxies.end() && known->second.told_any && known->second.told[stage.deployment.to] == 100)
    return;
  Value fields = {{"message", fmt::format("nothing served {} before, so the new version gets 100 % at once", service)}};
  scope.announce(Event("warning", std::move(fields)));
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

// Whether the last proxy has confirmed that the new colour gets all of it.
bool has_everything(const Stage& stage) {
  const auto& deployment = stage.deployment;
  for (const auto& service : deployment.next.services) {
    if (!service.has_proxy()) continue;
    const auto known = stage.facts.proxies.find(service.name);
    if (known == stage.facts.proxies.end() || !known->second.seen) return false;
    const auto& weights = known->second.weights;
    if (weights[deployment.to] == 0 || weights[deployment.from()] != 0) return false;
  }
  return true;
}

}  // namespace

Task<Outcome> shift(Stage stage, Scope scope, Value args) {
  Weights weights = weights_for(stage, args);
  if (!in_range(weights)) {
    Outcome no(
        Error("SH1301", Kind::script, "these weights leave nobody to answer", "give shares from 0 to 100, not all 0"));
    co_return std::move(no);
  }
  Outcome looked = co_await look(stage, scope);
  if (!looked.ok()) co_return std::move(looked);
  std::vector<Target> targets;
  for (const auto& service : chosen_with_proxy(stage, args)) {
    // A service that the new version does not have any more keeps its share until the old one is retired.
    if (stage.deployment.service(service, stage.deployment.to) == nullptr) continue;
    const auto own = for_one(stage, service, weights);
    if (own != weights) say_what_is_sent_at_once(stage, scope, service);
    if (own[stage.deployment.to] > stage.facts.proxies[service].weights[stage.deployment.to]) {
      Outcome proven = co_await still_proven(stage, scope, service);
      if (!proven.ok()) co_return std::move(proven);
    }
    targets.emplace_back(service, own);
  }
  const auto purpose = stage.deployment.verb == "repair" ? Purpose::repair : Purpose::deploy;
  Outcome moved = co_await move(stage, scope, std::move(targets), stage.deployment.to, purpose);
  if (!moved.ok()) co_return std::move(moved);
  if (has_singletons(stage) && has_everything(stage)) {
    Call swap("swap_singletons", {{"color", name_of(stage.deployment.to)}});
    Outcome swapped = co_await scope.perform(std::move(swap));
    if (!swapped.ok()) co_return std::move(swapped);
  }
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
