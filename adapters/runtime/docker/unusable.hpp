// A runtime whose configuration cannot be used.
#pragma once

#include <memory>

#include "shunt/runtime.hpp"

namespace shunt::adapters::docker {

/// Keeps no instance: every method answers `why`.
std::unique_ptr<Runtime> unusable(Error why);

}  // namespace shunt::adapters::docker
