// The last resort: this program ends what it cannot end otherwise by starting itself anew.
#pragma once

#include <string>
#include <vector>

#include "shunt/engine.hpp"

namespace shunt::deploy {

/// Replaces this process by `shunt resume RUN`, which ends the run from its journal. `locks` are handed on, so that
/// nobody can come in between; every other descriptor but 0 to 2 is closed. Any thread; never returns.
[[noreturn]] void start_anew(const Settings& settings, const std::string& run, const std::vector<int>& locks);

}  // namespace shunt::deploy
