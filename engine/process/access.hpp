// What another process may do with files, as the kernel sees its user and groups.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace shunt::process {

/// The first folder on the way to `path` (or itself) that process `pid` may not enter; "" when it may enter all, and
/// when there is no such process. A path is what it is for that process, which may be in a container. Access lists are
/// not looked at.
std::filesystem::path closed_to(pid_t pid, const std::filesystem::path& path);

/// Whether what is at `path` for process `pid`, which may be in a container, is what is there for this one. True where
/// nothing is there, and where that cannot be known.
bool sees(pid_t pid, const std::filesystem::path& path);

}  // namespace shunt::process
