// The keys of `runtime = { type = "compose" }`.
#pragma once

#include "shunt/schema.hpp"

namespace shunt::adapters::compose {

Schema compose_schema();

}  // namespace shunt::adapters::compose
