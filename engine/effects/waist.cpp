#include "effects/waist.hpp"

#include <fmt/format.h>

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
  return Event("step", {{"step", call.verb}, {"state", state}, {"args", call.args}});
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
  return waist_->turns().now();
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
  if (verb == nullptr) {
    Error unknown("SH1004", Kind::config, fmt::format("{} is not available yet", call.verb),
                  "remove the call, or use a version of shunt that has it");
    Outcome no = placed(Outcome(std::move(unknown)), call);
    co_return std::move(no);
  }
  if (auto refused = refusal(at, call)) {
    Outcome no = placed(std::move(*refused), call);
    co_return std::move(no);
  }
  if (verb->sort == Sort::note) {
    Outcome noted = note(at, call);
    co_return std::move(noted);
  }
  Outcome outcome;
  const Call asked = call;
  if (verb->sort == Sort::composite) {
    outcome = co_await composite(std::move(at), std::move(call));
  } else {
    outcome = co_await primitive(std::move(at), std::move(call));
  }
  outcome = placed(std::move(outcome), asked);
  guard_.learn(asked, outcome);
  co_return std::move(outcome);
}

void Waist::announce_end(const Call& call, const Outcome& outcome, std::int64_t began) {
  auto event = step_event(call, outcome.ok() ? "done" : "failed");
  event.fields["elapsed_ms"] = turns_.now() - began;
  if (outcome.error) event.fields["error"] = to_value(*outcome.error);
  if (outcome.ok() && !outcome.value.is_null()) event.fields["result"] = outcome.value;
  journal_.announce(std::move(event));
}

Task<Outcome> Waist::composite(Position at, Call call) {
  journal_.composite(at, call);
  journal_.announce(step_event(call, "begin"));
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
  co_return std::move(outcome);
}

Task<Outcome> Waist::primitive(Position at, Call call) {
  const auto effect = effect_of(call);
  const auto began = turns_.now();
  if (effect != EffectClass::observe) {
    journal_.announce(step_event(call, "begin"));
    auto seq = journal_.intent(at, call);
    if (!seq) {
      Outcome halted(seq.error());
      halted.error->control = true;
      co_return std::move(halted);
    }
    call.seq = *seq;
  }
  Task<Outcome> work = below_.perform(call);
  Outcome outcome = co_await turns_.await(at.branch, std::move(work));
  outcome = cleaned(std::move(outcome));
  if (effect == EffectClass::observe) {
    journal_.progress(at, call, outcome);
  } else {
    journal_.result(at, call, outcome);
    announce_end(call, outcome, began);
  }
  if (effect == EffectClass::one_shot) static_cast<void>(journal_.commit());
  co_return std::move(outcome);
}

Outcome Waist::note(const Position& at, const Call& call) {
  if (call.verb == "on_rollback") {
    journal_.promise(at, Undo(Tier::data, Call("script.undo", {{"name", call.args.value("name", "")}})));
    return Outcome();
  }
  const Outcome nothing;
  if (call.verb == "notify") {
    journal_.message(at, call);
    journal_.announce(Event("message", call.args));
    return nothing;
  }
  journal_.progress(at, call, nothing);
  journal_.announce(Event(call.verb, call.args));
  return nothing;
}

// Values reach scripts and the journal in the same form: masked, bounded, encoded and decoded.
Outcome Waist::cleaned(Outcome outcome) const {
  if (outcome.error) {
    Value masked = secrets_.mask_all(to_value(*outcome.error));
    cut_long_strings(masked);
    return error_from(decode(encode(masked)));
  }
  Value masked = secrets_.mask_all(std::move(outcome.value));
  cut_long_strings(masked);
  return Outcome(decode(encode(masked)));
}

}  // namespace shunt::effects
