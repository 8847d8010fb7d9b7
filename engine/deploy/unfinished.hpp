// What an earlier run left behind.
#pragma once

#include "deploy/claim.hpp"
#include "shunt/engine.hpp"

namespace shunt::deploy {

/// Runs that began and have no end, oldest first.
Result<std::vector<store::Run>> interrupted_runs(store::Store& store);

/// Ends an interrupted run from what it journaled: performs its rollback hooks, or finishes retiring the old colour
/// where that had begun.
Ending settle(Claim& claim, const store::Run& run, const Registry& registry, const Settings& settings,
              Reporter& reporter);

/// Before a verb that changes things: settles what a dead holder left (the ending is returned only where it does not
/// allow to go on), and refuses with 3 while an earlier deployment needs an operator.
std::optional<Ending> clear_the_desk(Claim& claim, const Registry& registry, const Settings& settings,
                                     Reporter& reporter);

/// Closes every run that needed an operator, once the world and the store agree again.
Result<void> close_needing_operator(store::Store& store, const std::string& how);

}  // namespace shunt::deploy
