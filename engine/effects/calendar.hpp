// Values of time and chance, as scripts see them.
#pragma once

#include <cstdint>
#include <string>

#include "shunt/call.hpp"

namespace shunt::effects {

/// { year, month, day, hour, minute, weekday } of that moment (unix ms) in that zone; SH1014 where this machine knows
/// no such zone.
Outcome date_at(std::int64_t time, const std::string& zone);

/// 128 random bits as a UUID of version 4.
std::string uuid_of(std::uint64_t high, std::uint64_t low);

}  // namespace shunt::effects
