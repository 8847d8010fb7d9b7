#include "effects/waist.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "config/planted.hpp"
#include "effects/verbs.hpp"

namespace shunt::effects {

namespace {

constexpr std::size_t longest_string = 256 * 1024;

// A journal is no place for a whole log file.
void cut_long_strings(Value& value) {
  if (value.is_string() && value.get_ref<const std::string&>().size() > longest_string) {
    auto text = value.get<std::string>();
    const auto dropped = text.size() - longest_string;
    text.resize(longest_string);
    value = text + fmt::format("\n... ({} bytes more were cut)", dropped);
  }
  if (value.is_structured())
    for (auto& item : value) cut_long_strings(item);
}

Event step_event(const Call& call, const char* state) {
  Value fields;
  fields["step"] = call.verb;
  fields["state"] = state;
  fields["args"] = call.args;
  return {"step", std::move(fields)};
}

// What a Call gives that an operator says has happened: success, with nothing to show for it.
Outcome adopted(const Call& call, const Resolution& decided) {
  Outcome outcome(Value{{"resolved", "adopt"}, {"by", decided.by}, {"reason", decided.reason}});
  if (call.verb == "exec.run") outcome.value.update({{"code", 0}, {"stdout", ""}, {"stderr", ""}});
  if (call.verb == "http.request") outcome.value.update({{"status", 200}, {"headers", Value::object()}, {"body", ""}});
  return outcome;
}

Outcome skipped(const Call& call, const Resolution& decided) {
  return Error("SH1944", Kind::adapter,
               fmt::format("{} was not done: {} decided so{}", call.verb, decided.by,
                           decided.reason.empty() ? "" : ", " + decided.reason),
               "");
}

Outcome placed(Outcome outcome, const Call& call) {
  if (!outcome.error) return outcome;
  if (outcome.error->where.file.empty()) outcome.error->where = call.where;
  if (outcome.error->step.empty()) outcome.error->step = call.verb;
  return outcome;
}

}  // namespace

Task<Outcome> Scope::perform(Call call) const {
  return waist_->perform(Position(state_->branch, state_->next++), std::move(call));
}

void Scope::register_undo(Undo undo) const {
  waist_->journal().hook(Position(state_->branch, state_->next), undo);
}

std::vector<Scope> Scope::split(std::size_t count) const {
  const auto position = state_->next++;
  std::vector<Scope> scopes;
  for (std::size_t i = 0; i < count; ++i)
    scopes.push_back(Scope(*waist_, fmt::format("{}/{}.{}", state_->branch, position, i)));
  return scopes;
}

std::int64_t Scope::now() const {
  return waist_->turns().watched();
}
void Scope::announce(Event event) const {
  waist_->journal().announce(std::move(event));
}
Turns& Scope::turns() const {
  return waist_->turns();
}

Waist::Waist(Turns& turns, Effects& below, Journal& journal, Guard& guard, const Secrets& secrets)
    : turns_(turns), below_(below), journal_(journal), guard_(guard), secrets_(secrets) {
  turns_.before_waiting([this] { journal_.before_waiting(); });
}

std::optional<Error> Waist::refusal(const Position& at, const Call& call) {
  if (find_verb(call.verb) == nullptr)
    return Error("SH1004", Kind::config, fmt::format("{} is not available yet", call.verb),
                 "remove the call, or use a version of shunt that has it");
  if (const auto* reason = turns_.cancelled(at.branch)) return *reason;
  if (journal_.halted()) {
    Error error = *journal_.halted();
    error.control = true;
    return error;
  }
  return guard_.refuse(call);
}

Task<Outcome> Waist::perform(Position at, Call call) {
  const auto* verb = find_verb(call.verb);
  if (verb != nullptr && verb->sort == Sort::composite) return composite(std::move(at), std::move(call));
  if (verb != nullptr && verb->sort == Sort::primitive) return primitive(std::move(at), std::move(call));
  return note(std::move(at), std::move(call));
}

Outcome Waist::learned(const Call& call, Outcome outcome) {
  outcome = placed(std::move(outcome), call);
  guard_.learn(call, outcome);
  return outcome;
}

void Waist::announce_begin(const Call& call) {
  if (journal_.is_heard()) journal_.announce(step_event(call, "begin"));
}

void Waist::announce_end(const Call& call, const Outcome& outcome, std::int64_t began) {
  if (!journal_.is_heard()) return;
  auto event = step_event(call, outcome.ok() ? "done" : "failed");
  event.fields["elapsed_ms"] = turns_.now() - began;
  if (outcome.error) event.fields["error"] = to_value(*outcome.error);
  if (outcome.ok() && !outcome.value.is_null()) event.fields["result"] = outcome.value;
  journal_.announce(std::move(event));
}

Task<Outcome> Waist::composite(Position at, Call call) {
  if (auto refused = refusal(at, call)) {
    Outcome no = placed(std::move(*refused), call);
    co_return std::move(no);
  }
  journal_.composite(at, call);
  announce_begin(call);
  const auto began = turns_.now();
  const auto effects_before = journal_.effects();
  Scope inside(*this, fmt::format("{}/{}", at.branch, at.index));
  Outcome outcome = co_await composites_(call, std::move(inside));
  // What changed nothing rests on nothing: it is written with whatever is written next.
  if (effect_of(call) == EffectClass::observe || journal_.effects() == effects_before) {
    journal_.progress(at, call, outcome);
  } else {
    journal_.result(at, call, outcome);
  }
  announce_end(call, outcome, began);
  outcome = learned(call, std::move(outcome));
  co_return std::move(outcome);
}

Task<Outcome> Waist::primitive(Position at, Call call) {
  if (auto refused = refusal(at, call)) {
    Outcome no = placed(std::move(*refused), call);
    co_return std::move(no);
  }
  const auto effect = effect_of(call);
  if (is_planted("effect before intent") && effect != EffectClass::observe && !turns_.replays()) {
    Task<Outcome> early = below_.perform(call);
    Outcome done = co_await turns_.await(at, std::move(early));
    if (!done.ok()) co_return learned(call, std::move(done));
  }
  const auto began = turns_.now();
  Call asked = call;
  if (effect != EffectClass::observe) {
    announce_begin(call);
    auto seq = journal_.intent(at, call);
    if (!seq) {
      Outcome halted(seq.error());
      halted.error->control = true;
      co_return learned(call, std::move(halted));
    }
    asked.seq = *seq;
  }
  Task<Outcome> work = carry_out(at, std::move(asked), began, turns_.watched(), turns_.lives());
  Outcome outcome = co_await turns_.await(at, std::move(work));
  outcome = cleaned(std::move(outcome));
  const bool forgets_losers = is_planted("losers not journaled") && turns_.cancelled(at.branch) != nullptr;
  if (forgets_losers) co_return learned(call, std::move(outcome));
  if (call.verb == "approval.wait") questions_ms_ += turns_.now() - began;
  if (effect == EffectClass::observe) {
    journal_.progress(at, call, outcome);
  } else {
    journal_.result(at, call, outcome);
    announce_end(call, outcome, began);
  }
  if (effect == EffectClass::one_shot) static_cast<void>(journal_.commit());
  outcome = learned(call, std::move(outcome));
  co_return std::move(outcome);
}

// Starts when the world shall answer: at once, or in a later life than the one that asked.
Task<Outcome> Waist::carry_out(Position at, Call call, std::int64_t asked, std::int64_t watched, int life) {
  Outcome outcome;
  if (life != turns_.lives()) {
    if (call.verb == "clock.sleep")
      call.args["duration_ms"] =
          std::max<std::int64_t>(call.args.value("duration_ms", std::int64_t{0}) - (turns_.watched() - watched), 0);
    if (call.verb == "approval.wait") call.args["asked"] = asked;
    if (effect_of(call) == EffectClass::one_shot && !is_planted("one-shot retried")) {
      outcome = co_await settle(std::move(at), std::move(call));
      co_return std::move(outcome);
    }
  }
  outcome = co_await below_.perform(std::move(call));
  co_return std::move(outcome);
}

const Resolution* Waist::resolution(const Position& at) const {
  const auto found = resolutions_.find(at);
  return found == resolutions_.end() ? nullptr : &found->second;
}

// Nobody may do twice what must be done once: an operator has decided, or its own probe tells.
Task<Outcome> Waist::settle(Position at, Call call) {
  Outcome outcome;
  const auto* decided = resolution(at);
  if (decided != nullptr && decided->decision != "retry") {
    outcome = decided->decision == "adopt" ? adopted(call, *decided) : skipped(call, *decided);
    co_return std::move(outcome);
  }
  if (decided == nullptr) {
    Call again = call;
    Outcome probed = co_await ask_probe(std::move(again));
    if (!probed.ok() || probed.value.value("ok", false)) co_return std::move(probed);
  }
  outcome = co_await below_.perform(std::move(call));
  co_return std::move(outcome);
}

// { ok = true, settled } where the probe says that it was done.
Task<Outcome> Waist::ask_probe(Call call) {
  Value args = {{"argv", call.args.value("probe", Value::array())}};
  for (const char* key : {"cwd", "env", "timeout_ms"})
    if (call.args.contains(key)) args[key] = call.args[key];
  Call probe("probe.command", std::move(args));
  Outcome outcome = co_await below_.perform(std::move(probe));
  if (outcome.ok() && outcome.value.value("ok", false))
    outcome.value = {{"ok", true}, {"code", 0}, {"stdout", ""}, {"stderr", ""}, {"settled", "its probe found it done"}};
  co_return std::move(outcome);
}

Task<Outcome> Waist::note(Position at, Call call) {
  if (auto refused = refusal(at, call)) {
    Outcome no = placed(std::move(*refused), call);
    co_return std::move(no);
  }
  const Outcome nothing;
  if (call.verb == "on_rollback") {
    journal_.promise(at, Undo(Tier::data, Call("script.undo", {{"name", call.args.value("name", "")}})));
    co_return nothing;
  }
  if (call.verb == "notify") {
    journal_.message(at, call);
    journal_.announce(Event("message", call.args));
    co_return nothing;
  }
  journal_.progress(at, call, nothing);
  journal_.announce(Event(call.verb, call.args));
  co_return nothing;
}

// Values reach scripts and the journal in the same form: masked, bounded, encoded and decoded.
Outcome Waist::cleaned(Outcome outcome) const {
  if (outcome.error) {
    Value masked = secrets_.mask_all(to_value(*outcome.error));
    cut_long_strings(masked);
    return error_from(canonical(std::move(masked)));
  }
  Value masked = secrets_.mask_all(std::move(outcome.value));
  cut_long_strings(masked);
  return Outcome(canonical(std::move(masked)));
}

}  // namespace shunt::effects
