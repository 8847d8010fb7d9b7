// Values as text, the same in every run: no addresses, no sign of NaN.
#pragma once

#include <lua.hpp>
#include <string>

namespace shunt::lua {

/// Pushes the text of the value at `index`, as `tostring` gives it: __tostring is called (so no C++ owner may be
/// alive), other tables, functions and coroutines get a number of their own, counted per run.
void push_printed(lua_State* lua, int index);

/// Pushes "table: 3" for a value that has an identity.
void push_identity(lua_State* lua, int index, const char* type);

/// The text of a number.
std::string number_text(lua_State* lua, int index);

}  // namespace shunt::lua
