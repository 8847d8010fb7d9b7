// The tables of functions that scripts find under global names, made when they are first used.
#pragma once

#include <lua.hpp>
#include <string_view>

#include "vm/binding.hpp"

namespace shunt::lua {

/// Pushes the functions of a module: those in C++, those of api.lua that are Calls, and on top of them what
/// lua/lib/NAME.lua gives. Not yet read-only.
void push_module(lua_State* lua, std::string_view name);

/// Functions for our own library only: perform, fork, raise, object, keep_undo, check, check_list.
Bindings native_bindings();

}  // namespace shunt::lua
