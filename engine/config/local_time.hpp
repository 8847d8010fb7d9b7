// What the clocks of a time zone show.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "shunt/error.hpp"

namespace shunt {

/// The parts of a moment (unix ms) in `zone` ("Europe/Zurich"; "" and "UTC" need no tables). SH1014 when the machine
/// does not know the zone. One thread at a time: libc knows zones only through the environment variable TZ.
Result<std::tm> local_time(const std::string& zone, std::int64_t unix_ms);

}  // namespace shunt
