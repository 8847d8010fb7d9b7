// An event as one line of prose.
#pragma once

#include <string>

#include "shunt/events.hpp"

namespace shunt::cli {

/// One printable line without time, never empty.
std::string narrate(const Event& event);

/// "succeeded in 1m 3s: v2 (green) serves" of an `ended` event.
std::string narrate_end(const Value& fields);

/// "deploy v2 of shop with gradual on green, v1 is live" of a `started` event.
std::string narrate_start(const Value& fields);

/// "rolled back" of "rolled_back" and so on.
std::string state_text(const std::string& state);

}  // namespace shunt::cli
