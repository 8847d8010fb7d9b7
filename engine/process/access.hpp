// What another process may do with files, as the kernel sees its user and groups.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace shunt::process {

/// The first folder on the way to `path` (or itself) that process `pid` may not enter; "" when it may enter all, and
/// when there is no such process. Access lists are not looked at.
std::filesystem::path closed_to(pid_t pid, const std::filesystem::path& path);

}  // namespace shunt::process
