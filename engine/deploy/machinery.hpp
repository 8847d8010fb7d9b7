// The parts of a run, wired together: turns, journal, guard rails, waist, composite steps.
#pragma once

#include <functional>
#include <string>

#include "deploy/guard_rails.hpp"
#include "effects/waist.hpp"
#include "shunt/script.hpp"
#include "steps/stage.hpp"

namespace shunt::deploy {

/// What `effects` is decides what a run is: a deployment, a plan, a simulation, a replay.
class Machinery {
 public:
  /// Runs a script's own rollback function.
  using ScriptUndo = std::function<Task<Outcome>(std::string name, effects::Scope scope)>;

  Machinery(const Deployment& deployment, effects::Effects& effects, asio::any_io_executor world, store::Store* store,
            Reporter& reporter, const Secrets& secrets);

  /// What a composite step works with, for those who use its parts.
  steps::Stage stage() { return steps::Stage{deployment_, guard.facts(), journal}; }

  void script_undo(ScriptUndo undo) { script_undo_ = std::move(undo); }

  effects::Turns turns;
  effects::Journal journal;
  GuardRails guard;
  effects::Waist waist;

 private:
  Task<Outcome> composite(Call call, effects::Scope inside);

  const Deployment& deployment_;
  ScriptUndo script_undo_;
};

/// A script's door to the waist.
class ScopePerformer : public Performer {
 public:
  explicit ScopePerformer(effects::Scope scope) : scope_(std::move(scope)) {}

  Task<Outcome> perform(Call call) override;
  std::vector<std::unique_ptr<Performer>> split(std::size_t count) override;
  void cancel() override;

 private:
  effects::Scope scope_;
};

}  // namespace shunt::deploy
