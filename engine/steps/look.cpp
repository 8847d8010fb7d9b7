#include "steps/look.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "steps/move.hpp"

namespace shunt::steps {

namespace {

Call set_call(const std::string& service, const Weights& weights) {
  return Call("proxy.set", {{"service", service}, {"blue", weights.blue}, {"green", weights.green}});
}

// On the way to the shares that were told: whoever looks at them next still wants those.
Call raise_call(const std::string& service, const Weights& raised, const Weights& told) {
  Call call = set_call(service, raised);
  if (raised != told) call.args["mends"] = true;
  return call;
}

constexpr std::int64_t usable_again_ms = 30'000;  ///< for a colour that the proxy knew before it was restarted

std::string shown(const Weights& weights) {
  return fmt::format("blue {}, green {}", weights.blue, weights.green);
}

// Asks whether shunt's own shares may be applied again.
Task<Outcome> ask_about_edit(Scope scope, std::string service, Weights found, Weights told) {
  const auto question =
      fmt::format("somebody changed the shares of {} to {}; apply {} again?", service, shown(found), shown(told));
  Call wait("approval.wait", {{"question", question}, {"timeout_ms", 600'000}});
  Outcome answer = co_await scope.perform(std::move(wait));
  if (!answer.ok()) co_return std::move(answer);
  if (answer.value.value("answer", "") != "approve") {
    Outcome no(foreign_edit(service, found, told));
    co_return std::move(no);
  }
  Outcome applied = co_await apply_again(scope, service, found, told);
  co_return std::move(applied);
}

Task<Outcome> tell_again(Scope scope, std::string service, Weights found, Weights told) {
  Value fields = {{"message", fmt::format("the proxy of {} was restarted and forgot its shares; {} is applied again",
                                          service, shown(told))}};
  scope.announce(Event("warning", std::move(fields)));
  Outcome applied = co_await apply_again(scope, service, found, told);
  co_return std::move(applied);
}

// An instance that was started again may be elsewhere: the proxy is told the same shares, and where that is.
Task<Outcome> tell_where(Scope scope, std::string service, Weights found) {
  Value fields = {{"message", fmt::format("instances of {} are elsewhere than its proxy knows; it is told", service)}};
  scope.announce(Event("warning", std::move(fields)));
  Call again = set_call(service, found);
  again.args["mends"] = true;
  Outcome applied = co_await patiently(scope, std::move(again), proxy_patience_ms);
  co_return std::move(applied);
}

void remember(const Stage& stage, const std::string& service, const Value& view) {
  if (stage.facts.found.count(service) != 0) return;
  // A colour that nobody can reach has no share to give back, whatever weight its servers have.
  Weights kept = weights_in(view, "weights");
  const bool has_nobody = stage.deployment.first || weights_in(view, "effective")[stage.deployment.to] == 0;
  if (has_nobody) kept[stage.deployment.to] = 0;
  stage.facts.found[service] = kept;
}

}  // namespace

Error foreign_edit(const std::string& service, const Weights& found, const Weights& told) {
  Error error("SH1913", Kind::adapter,
              fmt::format("somebody changed the shares of {} while the deployment ran: {}, shunt had set {}", service,
                          shown(found), shown(told)),
              "make the proxy and the store agree: `shunt repair`, or `shunt repair --accept`");
  error.control = true;
  return error;
}

Weights weights_in(const Value& view, const char* key) {
  const auto& pair = view.at(key);
  return Weights(pair.value("blue", 0), pair.value("green", 0));
}

void register_restore(const Stage& stage, const Scope& scope) {
  if (stage.facts.restorable) return;
  stage.facts.restorable = true;
  Value shares = Value::object();
  for (const auto& [service, weights] : stage.facts.found)
    shares[service] = {{"blue", weights.blue}, {"green", weights.green}};
  scope.register_undo(Undo(Tier::traffic, Call("restore", {{"shares", shares}})));
}

Task<Outcome> patiently(Scope scope, Call call, std::int64_t patience_ms) {
  const auto deadline = scope.now() + patience_ms;
  std::int64_t pause = 50;
  for (;;) {
    Call attempt = call;
    Outcome outcome = co_await scope.perform(std::move(attempt));
    if (outcome.ok() || outcome.error->control || !outcome.error->retryable || scope.now() + pause > deadline)
      co_return std::move(outcome);
    Call sleep("clock.sleep", {{"duration_ms", pause}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
    pause = std::min<std::int64_t>(pause * 2, 1'000);
  }
}

Task<Outcome> await_share(Scope scope, std::string service, Colour colour, std::int64_t limit_ms) {
  constexpr std::int64_t longest_pause = 250;
  const Call get("proxy.get", {{"service", service}});
  const auto deadline = scope.now() + limit_ms;
  for (std::int64_t pause = 5;; pause = std::min(pause * 2, longest_pause)) {
    Outcome view = co_await patiently(scope, get, proxy_patience_ms);
    if (!view.ok() || weights_in(view.value, "effective")[colour] > 0) co_return std::move(view);
    if (scope.now() >= deadline) {
      Outcome no(not_usable(service, colour, limit_ms, view.value));
      co_return std::move(no);
    }
    Call sleep("clock.sleep", {{"duration_ms", pause}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
  }
}

// As in any move: what goes up is usable before anything goes down. A colour that had all its weight all the time is
// not waited for.
Task<Outcome> apply_again(Scope scope, std::string service, Weights found, Weights told) {
  const auto raised = highest(found, told);
  Outcome done;
  if (raised != found) {
    Call raise = raise_call(service, raised, told);
    done = co_await patiently(scope, std::move(raise), proxy_patience_ms);
    if (!done.ok()) co_return std::move(done);
  }
  for (const auto colour : both_colours) {
    if (raised[colour] <= found[colour]) continue;
    done = co_await await_share(scope, service, colour, usable_again_ms);
    if (!done.ok()) co_return std::move(done);
  }
  if (raised == told) co_return std::move(done);
  Call lower = set_call(service, told);
  done = co_await patiently(scope, std::move(lower), proxy_patience_ms);
  co_return std::move(done);
}

Task<Outcome> resolve_difference(Scope scope, std::string service, Weights found, Weights wanted, bool restarted) {
  Outcome done;
  if (restarted) {
    done = co_await tell_again(scope, std::move(service), found, wanted);
  } else {
    done = co_await ask_about_edit(scope, std::move(service), found, wanted);
  }
  co_return std::move(done);
}

Task<Outcome> observe(Stage stage, Scope scope, std::string service) {
  constexpr int rounds = 3;  // it may be restarted again while it is told
  const Call get("proxy.get", {{"service", service}});
  for (int round = 0;; ++round) {
    const auto before = stage.facts.proxies[service];
    Outcome view = co_await patiently(scope, get, proxy_patience_ms);
    if (!view.ok()) co_return std::move(view);
    const auto found = weights_in(view.value, "weights");
    if (view.value.value("stale", false) && round < rounds) {
      Outcome told = co_await tell_where(scope, service, found);
      if (told.ok()) continue;
      if (told.error->control || !stage.facts.rolling_back) co_return std::move(told);
    }
    const bool as_told = !before.told_any || same_shares(found, before.told);
    if (stage.facts.rolling_back || as_told || round == rounds) co_return std::move(view);
    const bool restarted = view.value.value("started", std::int64_t{0}) != before.told_at_start;
    Outcome settled = co_await resolve_difference(scope, service, found, before.told, restarted);
    if (!settled.ok()) co_return std::move(settled);
  }
}

Task<Outcome> look(Stage stage, Scope scope) {
  for (const auto& service : chosen_with_proxy(stage, Value::object())) {
    Outcome view = co_await observe(stage, scope, service);
    if (!view.ok()) co_return std::move(view);
    remember(stage, service, view.value);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

}  // namespace shunt::steps
