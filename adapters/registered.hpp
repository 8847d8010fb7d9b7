// The adapters of this build.
#pragma once

#include "shunt/registry.hpp"

namespace shunt {

/// Adds every adapter of the list in adapters/CMakeLists.txt, and announces those of the other one.
void register_adapters(Registry& registry);

}  // namespace shunt
