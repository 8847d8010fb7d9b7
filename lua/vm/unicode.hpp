// utf8.*
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// char codepoint len offset codes
Bindings utf8_bindings();

/// Pushes the table of these and the constant charpattern.
void push_utf8_module(lua_State* lua);

}  // namespace shunt::lua
