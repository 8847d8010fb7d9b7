// One strategy in one Lua state: loaded, run, and its undo functions called.
#pragma once

#include <memory>
#include <string>

#include "shunt/script.hpp"
#include "vm/files.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

/// Evaluates an app file in a state of its own.
Result<AppFile> load_app_file(std::string name, ReadFile files, ReadEnvironment environment, Watchdog& watchdog);

class LoadedStrategy final : public Script {
 public:
  /// `bundled` is the text when the strategy is one of ours; else it is read from `files`.
  static Result<std::unique_ptr<Script>> load(std::string name, const Source* bundled, ReadFile files,
                                              ScriptLimits limits, Watchdog& watchdog, Compiled& compiled);

  LoadedStrategy(ReadFile files, ScriptLimits limits, Watchdog& watchdog, Compiled& compiled);

  const StrategyInfo& info() const override { return info_; }
  std::vector<Error> remarks() const override;
  Result<Value> options(Value given) const override;
  Task<Outcome> run(Performer& performer, Value deploy, Value options) override;
  Task<Outcome> undo(std::string name, Performer& performer) override;

 private:
  std::optional<Error> evaluate(std::string name, const Source* bundled);

  Loader loader_;
  State state_;
  StrategyInfo info_;
  bool ran_ = false;
};

}  // namespace shunt::lua
