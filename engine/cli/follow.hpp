// Watching a deployment that another process runs.
#pragma once

#include <string>

#include "cli/session.hpp"

namespace shunt::cli {

/// Prints the lines of `run`'s timeline ("" : the newest) as they come; returns its exit code, or 3 when nobody runs it
/// any more.
int follow_run(Session& session, const std::string& run);

}  // namespace shunt::cli
