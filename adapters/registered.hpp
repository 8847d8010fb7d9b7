// The adapters of this build.
#pragma once

#include "shunt/registry.hpp"

namespace shunt {

/// Adds every adapter of the list in adapters/CMakeLists.txt.
void register_adapters(Registry& registry);

}  // namespace shunt
