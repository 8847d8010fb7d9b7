// Durations as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "shunt/error.hpp"

namespace shunt {

using Milliseconds = std::chrono::milliseconds;

/// "250ms", "3s", "10m", "1h", "7d", or a bare number of seconds ("180", "0.5"). Error SH1006 otherwise.
Result<Milliseconds> parse_duration(std::string_view text);

/// A string as above, or a number of seconds.
Result<Milliseconds> duration_from(const Value& value);

/// "250ms", "3s", "1m 30s", "1h": the shortest form that loses nothing a reader would miss.
std::string to_text(Milliseconds duration);

/// Milliseconds since 1970-01-01 UTC, by the wall clock.
std::int64_t wall_clock_ms();

/// "2026-12-03T10:00:00.250Z" of such a time.
std::string to_timestamp(std::int64_t unix_ms);

}  // namespace shunt
