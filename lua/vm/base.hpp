// The plain functions of the language that need no state.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// type, tostring, tonumber, select, rawequal, rawlen, rawget, rawset
Bindings base_bindings();

}  // namespace shunt::lua
