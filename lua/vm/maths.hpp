// math.*: only what gives the same bits on every processor.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// abs ceil floor fmod max min modf sqrt tointeger type ult; math.random is written in Lua (lua/lib/math.lua), over a
/// perform.
Bindings math_bindings();

/// Pushes the table of these and the constants pi, huge, maxinteger, mininteger.
void push_math_module(lua_State* lua);

}  // namespace shunt::lua
