// The process of a Caddy on this machine.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace shunt::caddy {

/// The one process with these arguments; nothing when there is none, or several.
std::optional<pid_t> process_with(const std::vector<std::string>& arguments);

}  // namespace shunt::caddy
