// Metatables that cannot be changed behind the sandbox's back.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// setmetatable, getmetatable. What is installed is a private copy of the allowed metamethods (never __gc, __mode or
/// __close), the same for every table that shares a metatable, brought up to date by each setmetatable.
Bindings metatable_bindings();

/// Pushes the metatable that scripts may see of the value at `index`, or nil.
void push_visible_metatable(lua_State* lua, int index);

/// Prepares a new state.
void open_metatables(lua_State* lua);

}  // namespace shunt::lua
