// JSON that somebody else wrote. What walks through a value calls itself for what lies inside, so depth has a bound.
#pragma once

#include <optional>
#include <string_view>

#include "shunt/value.hpp"

namespace shunt {

/// How many brackets are open at most at one place of the text.
int depth_of_json(std::string_view text);

/// Nothing when it is no JSON, or nested more than 64 deep.
std::optional<Value> parse_json(std::string_view text);

}  // namespace shunt
