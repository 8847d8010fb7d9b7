// Leaving the caller behind: its session, terminal, job and descriptors.
#pragma once

#include <functional>
#include <string>

#include "supervise/record.hpp"

namespace shunt::supervise {

/// Runs `life(status)` in a process that has a session of its own, whose parent is gone, and which keeps no descriptor
/// but `status`. Returns, in the caller, the record that `life` wrote to `status` before it closed it; empty when it
/// ended without one.
Record run_detached(const std::function<void(int status)>& life);

/// Writes a record to a pipe.
void report(int status, const Record& record);

/// Everything that can be read from `descriptor` until its end.
std::string read_to_end(int descriptor);

}  // namespace shunt::supervise
