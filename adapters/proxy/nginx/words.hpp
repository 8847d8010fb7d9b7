// What nginx says, for people.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace shunt::nginx {

/// The line that tells why: the last one of level emerg, alert or crit, else the last one at all; without its time,
/// control characters and all beyond 300 bytes.
std::string reason_in(std::string_view text);

/// The end of a text, from the beginning of a line on.
std::string tail_of(std::string_view text);

/// What was written to a log beyond its first `from` bytes; "" when it cannot be read.
std::string log_since(const std::filesystem::path& log, std::uintmax_t from);

/// " 1.22.1", from the answer to `nginx -v`; "" when it does not say it.
std::string version_in(std::string_view text);

/// Whether `file` is among the files that the answer to `nginx -T` names, however their paths are written.
bool includes(std::string_view dump, const std::filesystem::path& file);

}  // namespace shunt::nginx
