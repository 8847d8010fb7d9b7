// string.*: bounded, and the same everywhere. No result is longer than 1 MiB.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// len sub upper lower reverse rep byte char
Bindings string_bindings();

/// find match gmatch gsub, whose work is charged step by step
Bindings matching_bindings();

/// format
Bindings format_bindings();

/// Turns a position that may count from the end into one from 1 (0 stands before the beginning).
lua_Integer from_start(lua_Integer position, std::size_t size);

/// Pushes the table of all string functions.
void push_string_module(lua_State* lua);

/// Gives strings their methods and arithmetic. The table of string functions is on top of the stack, and stays there.
void open_string_methods(lua_State* lua);

}  // namespace shunt::lua
