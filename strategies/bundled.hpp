// The strategies that come with shunt, as text.
#pragma once

#include <vector>

#include "shunt/script.hpp"

namespace shunt {

/// Named like their files: "blue_green.lua" and so on.
const std::vector<Source>& bundled_strategies();

}  // namespace shunt
