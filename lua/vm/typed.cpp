#include "vm/typed.hpp"

#include "shunt/schema.hpp"
#include "vm/strategy.hpp"

namespace shunt::lua {

namespace {

Value shown(const Outcome& outcome) {
  Value args = Value::object();
  if (outcome.error)
    args["failed"] = to_value(*outcome.error);
  else if (!outcome.value.empty())
    args["shown"] = outcome.value;
  return args;
}

bool ends_it(const Outcome& outcome) {
  return outcome.error && (outcome.error->control || outcome.error->code.starts_with("SH128"));
}

}  // namespace

TypedStrategy::TypedStrategy(Watchdog& watchdog) : watchdog_(watchdog) {
  info_.name = typed_strategy;
  info_.summary = "what somebody types";
  info_.api = 1;
  info_.options = Value::object();
  info_.sources = {Source(typed_strategy, "")};
}

Result<Value> TypedStrategy::options(Value given) const {
  return checked_options(info_.options, given);
}

Task<Outcome> TypedStrategy::run(Performer& performer, Value deploy, Value) {
  prompt_ = std::make_unique<LivePrompt>(canonical(std::move(deploy)), false, watchdog_);
  Value args = Value::object();
  for (;;) {
    Call read("prompt.read", std::move(args));
    Outcome line = co_await performer.perform(std::move(read));
    if (!line.ok()) co_return line;
    const auto text = line.value.find("text");
    if (text == line.value.end() || !text->is_string()) break;
    Outcome outcome = co_await prompt_->evaluate(text->get<std::string>(), performer);
    if (ends_it(outcome)) co_return outcome;
    args = shown(outcome);
  }
  Outcome nothing;
  co_return nothing;
}

Task<Outcome> TypedStrategy::undo(std::string name, Performer& performer) {
  if (prompt_) return prompt_->undo(std::move(name), performer);
  return [](std::string missing) -> Task<Outcome> {
    Outcome no(killed_before(missing));
    co_return no;
  }(std::move(name));
}

}  // namespace shunt::lua
