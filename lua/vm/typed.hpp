// A strategy that somebody types while it runs.
#pragma once

#include "vm/live_prompt.hpp"

namespace shunt::lua {

/// Performs prompt.read for each line: with what the line before gave, for whoever typed it. What was read is an
/// outcome like any other, so that a later process finds the same lines in the journal.
class TypedStrategy final : public Script {
 public:
  explicit TypedStrategy(Watchdog& watchdog);

  const StrategyInfo& info() const override { return info_; }
  Result<Value> options(Value given) const override;
  Task<Outcome> run(Performer& performer, Value deploy, Value options) override;
  Task<Outcome> undo(std::string name, Performer& performer) override;

 private:
  Watchdog& watchdog_;
  StrategyInfo info_;
  std::unique_ptr<LivePrompt> prompt_;
};

}  // namespace shunt::lua
