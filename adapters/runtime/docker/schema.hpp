// The keys of `runtime = { type = "docker" }`.
#pragma once

#include "shunt/schema.hpp"

namespace shunt::adapters::docker {

Schema docker_schema();

}  // namespace shunt::adapters::docker
