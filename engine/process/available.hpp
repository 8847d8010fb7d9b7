// What this machine has left.
#pragma once

#include <cstdint>
#include <filesystem>

namespace shunt::process {

/// Bytes of memory that can be had without swapping, whatever a control group allows; the largest number where that
/// cannot be read.
std::int64_t available_memory(const std::filesystem::path& proc = "/proc");

}  // namespace shunt::process
