// A journal as people read it.
#pragma once

#include <vector>

#include "store/store.hpp"

namespace shunt::deploy {

/// Steps with their ends, and decisions; not the looks of the engine itself. Each { at_ms, kind, verb, branch, seq },
/// where there are any with args, error and body. Times count from `began` (unix ms).
Value timeline_of(const std::vector<store::Entry>& entries, std::int64_t began);

}  // namespace shunt::deploy
