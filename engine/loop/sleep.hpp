// Waiting for time to pass.
#pragma once

#include "shunt/duration.hpp"
#include "shunt/task.hpp"

namespace shunt::loop {

/// Waits that long by the monotonic clock (not at all when it is not positive). A cancelled wait throws
/// operation_aborted.
Task<void> sleep(Milliseconds duration);

}  // namespace shunt::loop
