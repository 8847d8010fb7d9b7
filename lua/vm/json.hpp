// json.*
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// encode decode
Bindings json_bindings();

/// Pushes the table of these and json.null.
void push_json_module(lua_State* lua);

}  // namespace shunt::lua
