// Commands that a killed shunt left running.
#pragma once

#include "deploy/world.hpp"
#include "shunt/engine.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Returns once no command of the run's last life is alive. One that only looks is ended; any other is waited for as
/// long as its starter would have waited, which `reporter` is told, and then ended; an abort ends it at once. SH1950
/// when one cannot be ended.
Result<void> settle_survivors(World& world, store::Store& store, const std::string& run, Reporter& reporter);

/// Whether `abort` was said and no holder has heard it.
bool was_aborted(store::Store& store, const std::string& run);

}  // namespace shunt::deploy
