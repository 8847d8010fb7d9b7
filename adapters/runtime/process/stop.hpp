// Ending an instance, whoever still looks after it.
#pragma once

#include <string>

#include "adapters/runtime/process/instance.hpp"
#include "shunt/runtime.hpp"

namespace shunt::adapters::process {

/// Ends it and everything it started, and returns once all that is gone: the supervisor does it, or we do where that
/// was killed. SH1403 when something survives for 5 s after the grace, or may not be signalled. Cancelled half way, the
/// supervisor goes on ending it.
Task<Result<void>> stop_instance(supervise::Paths paths, std::string id, Milliseconds grace);

/// Waits, for at most `limit`, while it is between states: a supervisor that just starts, or that has only the end left
/// to do.
Task<Instance> settled(supervise::Paths paths, Milliseconds limit);

}  // namespace shunt::adapters::process
