#include "steps/move.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "config/planted.hpp"
#include "steps/look.hpp"

namespace shunt::steps {

namespace {

Task<Outcome> set(Stage stage, Scope scope, std::string service, Weights weights) {
  register_restore(stage, scope);
  Call call("proxy.set", {{"service", service}, {"blue", weights.blue}, {"green", weights.green}});
  Outcome applied = co_await patiently(scope, std::move(call), proxy_patience_ms);
  co_return std::move(applied);
}

Error not_lowered(const std::string& service, const Weights& wanted, const Weights& found) {
  return Error(
      "SH1506", Kind::adapter,
      fmt::format("the proxy of {} did not keep what it was told: blue {}, green {} instead of blue {}, green {}",
                  service, found.blue, found.green, wanted.blue, wanted.green),
      "look for another program that changes the weights, then `shunt repair`");
}

void announce_shares(Scope scope, const std::string& service, const Value& view) {
  const auto effective = weights_in(view, "effective");
  Value fields = {{"service", service}, {"blue", effective.blue}, {"green", effective.green}};
  scope.announce(Event("traffic", std::move(fields)));
}

Task<Outcome> raise_all(Stage stage, Scope scope, std::vector<Target> targets) {
  for (const auto& target : targets) {
    const auto current = stage.facts.proxies[target.service].weights;
    const auto raised = highest(current, target.weights);
    if (raised == current) continue;
    Outcome applied = co_await set(stage, scope, target.service, raised);
    if (!applied.ok()) co_return std::move(applied);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

Task<Outcome> confirm_raised(Stage stage, Scope scope, std::vector<Target> targets, Colour toward, Purpose purpose) {
  for (const auto& target : targets)
    for (const auto colour : both_colours) {
      if (target.weights[colour] == 0) continue;
      const auto limit = usable_limit(stage, target.service, colour, purpose);
      // The colour that is left need not be well; the one that shall serve must be.
      if (colour != toward && target.weights[toward] > 0) continue;
      Outcome usable = co_await await_usable(stage, scope, target.service, colour, limit);
      if (!usable.ok()) co_return std::move(usable);
    }
  for (const auto& target : targets) {
    if (target.weights[toward] == 0) continue;
    Outcome seen = co_await verify(stage, scope, target.service, toward, false, purpose);
    if (!seen.ok()) co_return std::move(seen);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

Task<Outcome> lower_all(Stage stage, Scope scope, std::vector<Target> targets) {
  for (auto target = targets.rbegin(); target != targets.rend(); ++target) {
    if (stage.facts.proxies[target->service].weights == target->weights) continue;
    Outcome applied = co_await set(stage, scope, target->service, target->weights);
    if (!applied.ok()) co_return std::move(applied);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

Task<Outcome> confirm_lowered(Stage stage, Scope scope, std::vector<Target> targets, Colour toward, Purpose purpose) {
  for (const auto& target : targets) {
    Outcome view = co_await observe(stage, scope, target.service);
    if (!view.ok()) co_return std::move(view);
    const auto found = weights_in(view.value, "weights");
    if (!same_shares(found, target.weights)) {
      Outcome no(not_lowered(target.service, target.weights, found));
      co_return std::move(no);
    }
    announce_shares(scope, target.service, view.value);
    const bool alone = target.weights[toward] != 0 && target.weights[other(toward)] == 0;
    if (purpose == Purpose::go_back || !alone) continue;
    Outcome seen = co_await verify(stage, scope, target.service, toward, true, purpose);
    if (!seen.ok()) co_return std::move(seen);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

}  // namespace

std::int64_t usable_limit(const Stage& stage, const std::string& service, Colour colour, Purpose purpose) {
  if (purpose == Purpose::go_back) return 30'000;
  const auto* spec = stage.deployment.service(service, colour);
  if (spec == nullptr) spec = stage.deployment.proxied(service);
  return spec->health.timeout_ms;
}

Error not_usable(const std::string& service, Colour colour, std::int64_t waited_ms, const Value& view) {
  Error error("SH1511", Kind::unhealthy,
              fmt::format("the proxy itself does not call {} of {} usable after {}", name_of(colour), service,
                          to_text(Milliseconds(waited_ms))),
              "look at the proxy's own health check of that server: its address, path and result");
  error.evidence = {{"servers", view.value("servers", Value::array())}};
  return error;
}

bool same_shares(const Weights& a, const Weights& b) {
  constexpr int step = 5;  ///< percent: the coarsest that a proxy is told
  if (a == b) return true;
  if (a.blue + a.green == 0 || b.blue + b.green == 0) return false;
  for (const auto colour : both_colours)
    if ((a[colour] == 0) != (b[colour] == 0)) return false;
  const auto share = [](const Weights& weights) { return weights.green * 100.0 / (weights.blue + weights.green); };
  return std::abs(share(a) - share(b)) <= step / 2.0;
}

Weights highest(const Weights& a, const Weights& b) {
  return Weights(std::max(a.blue, b.blue), std::max(a.green, b.green));
}

Task<Outcome> await_usable(Stage stage, Scope scope, std::string service, Colour colour, std::int64_t limit_ms) {
  const auto deadline = scope.now() + limit_ms;
  std::int64_t pause = 5;
  Value last;
  do {
    Outcome view = co_await observe(stage, scope, service);
    if (!view.ok()) co_return std::move(view);
    if (weights_in(view.value, "effective")[colour] > 0) co_return std::move(view);
    last = std::move(view.value);
    Call sleep("clock.sleep", {{"duration_ms", pause}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
    pause = std::min<std::int64_t>(pause * 2, 100);
  } while (scope.now() < deadline);
  Outcome no(not_usable(service, colour, limit_ms, last));
  co_return std::move(no);
}

Task<Outcome> move(Stage stage, Scope scope, std::vector<Target> targets, Colour toward, Purpose purpose) {
  Outcome done;
  if (is_planted("lower before raise")) done = co_await lower_all(stage, scope, targets);
  done = co_await raise_all(stage, scope, targets);
  if (!done.ok()) co_return std::move(done);
  done = co_await confirm_raised(stage, scope, targets, toward, purpose);
  if (!done.ok()) co_return std::move(done);
  done = co_await lower_all(stage, scope, targets);
  if (!done.ok()) co_return std::move(done);
  done = co_await confirm_lowered(stage, scope, targets, toward, purpose);
  co_return std::move(done);
}

}  // namespace shunt::steps
