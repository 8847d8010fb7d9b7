// The end of an instance's output.
#pragma once

#include <string>

#include "supervise/witness.hpp"

namespace shunt::adapters::process {

/// The last `lines` lines of the log, and of the older one before it; at most 1 MiB, cut at a line's beginning where
/// possible.
std::string last_lines(const supervise::Paths& paths, int lines);

}  // namespace shunt::adapters::process
