// Is the world as the store says, before anything is changed?
#pragma once

#include "effects/fleet.hpp"
#include "shunt/engine.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Compares proxies, instances and ports with what is recorded. Success: a verb may go on. Errors: SH1921 something
/// serves that shunt does not know (names adopt), SH1922 the live colour is down, SH1923 the shares differ (both name
/// repair), SH1924 somebody else listens on a port of the colour that shall be started; those of a proxy that cannot be
/// reached. `launches`: whether the colour `deployment.to` will be started.
Task<Result<void>> examine(effects::Fleet& fleet, store::AppState state, bool launches);

/// Whether everything that `deployment.to` would be started from is there; what one of `runs` started of it and runs
/// needs nothing. Errors: SH1409 of its runtime.
Task<Result<void>> examine_sources(effects::Fleet& fleet, std::vector<std::string> runs);

/// 3 for what an operator must settle first, 2 for what is refused.
int exit_for(const Error& error);

/// Target names of every proxy of the deployment, each once, sorted.
Result<std::vector<std::string>> targets_of(effects::Fleet& fleet);

/// SH1925 when a service's proxy is another one than the recorded: traffic would be moved where nobody looks.
Result<void> check_targets(effects::Fleet& fleet, const store::AppState& state);

}  // namespace shunt::deploy
