// Read-only tables: an empty table that shows another one.
#pragma once

#include <lua.hpp>

namespace shunt::lua {

/// Replaces the table on top of the stack by a read-only view of it. The view reads through its metamethods; pairs,
/// next, #, ipairs and raw access know it, and everything that would change it refuses (SH1209). `what` is how errors
/// name it.
void freeze(lua_State* lua, const char* what);

/// When the value at `index` is a read-only view, pushes what it shows and says true. Never raises.
bool push_frozen_target(lua_State* lua, int index);

/// Raises SH1209 when the table at `index` is a read-only view. Call it with no C++ owner alive.
void refuse_frozen(lua_State* lua, int index);

}  // namespace shunt::lua
