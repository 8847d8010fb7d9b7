#include <fmt/format.h>
#include <algorithm>
#include <optional>

#include "shunt/duration.hpp"
#include "steps/gate.hpp"
#include "steps/health.hpp"
#include "steps/look.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

Error gate_failed(const GateWatch& watch) {
  Error error("SH1611", Kind::gate, fmt::format("the gate '{}' failed: {}", watch.gate().name, watch.breach()),
              "see the samples in `shunt show`; the version needs mending, or the limit correcting");
  error.evidence = watch.report("fail");
  error.evidence["query"] = watch.gate().query;
  return error;
}

Error gate_unknown(const GateWatch& watch, const std::string& verdict) {
  const auto what = verdict == "error" ? "cannot be measured" : "gave not enough evidence";
  Error error(verdict == "error" ? "SH1612" : "SH1613", Kind::gate,
              fmt::format("the gate '{}' {}", watch.gate().name, what),
              "run its query by hand; soak longer, or set on_inconclusive / on_error for this gate");
  error.evidence = watch.report(verdict);
  error.evidence["query"] = watch.gate().query;
  return error;
}

void announce_gate(const Scope& scope, const GateWatch& watch, const std::string& verdict) {
  Value fields = watch.report(verdict);
  fields.erase("samples");
  scope.announce(Event("gate", std::move(fields)));
}

void warn(const Scope& scope, const Error& error) {
  Value fields = {{"message", error.message}, {"code", error.code}};
  scope.announce(Event("warning", std::move(fields)));
}

// A gate that cannot tell is neither good nor bad: what then is the app file's word.
Task<Outcome> settle_unknown(Stage stage, Scope scope, GateWatch watch, std::string verdict) {
  const auto& gate = watch.gate();
  Outcome nothing;
  const auto policy = verdict == "error" ? gate.on_error : gate.on_inconclusive;
  Error unknown = gate_unknown(watch, verdict);
  if (stage.deployment.first || policy == "promote") {
    warn(scope, unknown);
    co_return std::move(nothing);
  }
  Outcome no(unknown);
  if (policy == "rollback") co_return std::move(no);
  const auto question = fmt::format("{}; go on all the same?", unknown.message);
  Call wait("approval.wait", {{"question", question}, {"timeout_ms", gate.approve_timeout_ms}});
  Outcome answer = co_await scope.perform(std::move(wait));
  if (!answer.ok()) co_return std::move(answer);
  if (answer.value.value("answer", "") == "approve") co_return std::move(nothing);
  co_return std::move(no);
}

Task<Outcome> watch_gate(Stage stage, Scope scope, Gate gate, Colour colour, std::int64_t end) {
  GateWatch watch(gate);
  for (;;) {
    Call query("metrics.query", {{"expression", gate.query}});
    Outcome sample = co_await scope.perform(std::move(query));
    if (sample.error && sample.error->control) co_return std::move(sample);
    watch.take(sample, scope.now());
    const auto verdict = watch.verdict_now();
    announce_gate(scope, watch, verdict.empty() ? "watching" : verdict);
    if (verdict == "fail") {
      Outcome no(gate_failed(watch));
      co_return std::move(no);
    }
    // Of a version that is being left only what is known to be bad counts.
    if (verdict == "error" && colour == stage.deployment.to) {
      Outcome settled = co_await settle_unknown(stage, scope, watch, verdict);
      co_return std::move(settled);
    }
    const auto left = end - scope.now();
    if (left <= 0) break;
    Call sleep("clock.sleep", {{"duration_ms", std::min(gate.interval_ms, left)}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
  }
  const auto verdict = watch.verdict_at_end();
  announce_gate(scope, watch, verdict);
  Outcome settled;
  if (verdict != "pass" && colour == stage.deployment.to)
    settled = co_await settle_unknown(stage, scope, watch, verdict);
  co_return std::move(settled);
}

std::int64_t proven_life(const Stage& stage, const std::string& service, Colour colour, int index) {
  const auto proven = stage.facts.proven.find({Seat{service, colour}, index});
  return proven == stage.facts.proven.end() ? 0 : proven->second;
}

/// What is seen of one instance. An instance that ends or stops answering needs no statistics; whoever keeps it may be
/// away for a while, and then nothing is known of it.
class InstanceWatch {
 public:
  explicit InstanceWatch(std::string id) : id_(std::move(id)) {}

  /// Why it is not good any more. `proven` is the life of it that was proven: after a reboot another one.
  std::optional<Error> take(const Value& answer, std::int64_t now, std::int64_t proven) {
    if (answer.value("unknown", false)) {
      if (!blind_since_) blind_since_ = now;
      if (now - *blind_since_ <= blind_limit_ms) return std::nullopt;
      return failed(fmt::format("could not be looked at for {}", to_text(Milliseconds(blind_limit_ms))), answer);
    }
    blind_since_.reset();
    const auto since = answer.value("started", std::int64_t{0});
    if (proven != proven_) started_ = proven_ = proven;
    if (started_ != 0 && since != 0 && since != started_)
      return failed("ended and was started again while it was watched", answer);
    if (started_ == 0) started_ = since;
    misses_ = answer.value("ok", false) ? 0 : misses_ + 1;
    if (misses_ > misses_allowed) return failed("stopped being ready", answer);
    return std::nullopt;
  }

  /// The last look says nothing, or nothing good: another one is due soon.
  bool is_doubtful() const { return misses_ > 0 || is_blind(); }
  bool is_blind() const { return blind_since_.has_value(); }

 private:
  static constexpr int misses_allowed = 2;
  static constexpr std::int64_t blind_limit_ms = 15'000;

  Error failed(const std::string& what, const Value& answer) const {
    const auto why = answer.value("error", "");
    Error error("SH1315", Kind::unhealthy, fmt::format("{} {}{}{}", id_, what, why.empty() ? "" : ": ", why),
                "read its output: `shunt logs`, or the tail in `shunt show`");
    error.evidence = answer;
    return error;
  }

  std::string id_;
  int misses_ = 0;
  std::int64_t proven_ = 0;
  std::int64_t started_ = 0;
  std::optional<std::int64_t> blind_since_;
};

// Nobody is called good unseen: at the end, too, it is waited for a look that gets through.
Task<Outcome> watch_instance(Stage stage, Scope scope, std::string service, Colour colour, Place place, Health health,
                             std::int64_t end) {
  InstanceWatch watch(place.id);
  while (scope.now() < end || watch.is_blind()) {
    const auto timeout_ms = std::max<std::int64_t>(health.interval_ms, 1'000);
    Outcome answer = co_await look_at_instance(scope, service, colour, place.index, timeout_ms);
    if (!answer.ok()) co_return std::move(answer);
    const auto proven = proven_life(stage, service, colour, place.index);
    if (auto wrong = watch.take(answer.value, scope.now(), proven)) {
      Outcome no(std::move(*wrong));
      co_return std::move(no);
    }
    const auto left = std::max<std::int64_t>(end - scope.now(), watch.is_blind() ? 200 : 1);
    Call sleep("clock.sleep",
               {{"duration_ms", std::min<std::int64_t>(watch.is_doubtful() ? 200 : health.interval_ms, left)}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

// A proxy that is restarted or edited while nobody looks would spoil what the gates see.
Task<Outcome> watch_proxy(Stage stage, Scope scope, std::string service, std::int64_t end) {
  while (scope.now() < end) {
    Outcome view = co_await observe(stage, scope, service);
    if (!view.ok()) co_return std::move(view);
    const auto pause = std::min<std::int64_t>(1'000, std::max<std::int64_t>(end - scope.now(), 1));
    Call sleep("clock.sleep", {{"duration_ms", pause}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

bool concerns(const Gate& gate, const std::string& only) {
  return only.empty() || gate.service.empty() || gate.service == only;
}

}  // namespace

Task<Outcome> soak(Stage stage, Scope scope, Value args) {
  const auto end = scope.now() + args.value("duration_ms", std::int64_t{0});
  const std::string only = args.value("service", "");
  const auto colour = colour_in(args, stage.deployment.to);
  std::vector<std::function<Task<Outcome>(Scope)>> watches;
  for (const auto& gate : colour == stage.deployment.to ? stage.deployment.gates : stage.deployment.prior_gates)
    if (concerns(gate, only))
      watches.emplace_back([&](Scope inside) { return watch_gate(stage, inside, gate, colour, end); });
  for (const auto* service : running(stage, colour, only))
    for (const auto& place : service->places)
      watches.emplace_back([&, service](Scope inside) {
        return watch_instance(stage, inside, service->name, colour, place, service->health, end);
      });
  for (const auto& service : chosen_with_proxy(stage, args))
    watches.emplace_back([&, service](Scope inside) { return watch_proxy(stage, inside, service, end); });
  const auto scopes = scope.split(watches.size());
  std::vector<effects::Piece> pieces;
  for (std::size_t i = 0; i < watches.size(); ++i) pieces.emplace_back(scopes[i].branch(), watches[i](scopes[i]));
  auto outcomes = co_await effects::together(scope.turns(), std::move(pieces));
  Outcome outcome = effects::first_failure(std::move(outcomes));
  co_return std::move(outcome);
}

Task<Outcome> check_gates(Stage stage, Scope scope, Value args) {
  Value list = Value::array();
  const std::string only = args.value("service", "");
  for (const auto& gate : stage.deployment.gates) {
    if (!concerns(gate, only)) continue;
    GateWatch watch(gate);
    Call query("metrics.query", {{"expression", gate.query}});
    Outcome sample = co_await scope.perform(std::move(query));
    if (sample.error && sample.error->control) co_return std::move(sample);
    watch.take(sample, scope.now());
    const auto verdict = !sample.ok() ? "error" : watch.verdict_at_end();
    announce_gate(scope, watch, verdict);
    list.push_back(watch.report(verdict));
  }
  Outcome outcome(std::move(list));
  co_return std::move(outcome);
}

}  // namespace shunt::steps
