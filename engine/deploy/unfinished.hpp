// What an earlier run left behind.
#pragma once

#include "deploy/claim.hpp"
#include "shunt/engine.hpp"

namespace shunt::deploy {

/// It began and has no end.
bool is_open(const store::Run& run);

/// Runs that began and have no end, oldest first.
Result<std::vector<store::Run>> interrupted_runs(store::Store& store);

/// What every verb works with.
struct Tools {
  const Settings& settings;
  const Registry& registry;
  ScriptRuntime& scripts;
  Reporter& reporter;
};

/// Goes on with an interrupted run where it was. One that cannot be replayed (another engine began it, its script was
/// ended by force) goes back by its hooks, or finishes retiring the old colour where that had begun.
Ending settle(Claim& claim, const store::Run& run, const Tools& tools);

/// Before a verb that changes things: settles what a dead holder left (the ending is returned only where it does not
/// allow to go on), and refuses with 3 while an earlier deployment needs an operator.
std::optional<Ending> clear_the_desk(Claim& claim, const Tools& tools);

/// Closes every run that needed an operator, once the world and the store agree again.
Result<void> close_needing_operator(store::Store& store, const std::string& how);

}  // namespace shunt::deploy
