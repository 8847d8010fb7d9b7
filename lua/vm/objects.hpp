// Read-only objects with fields and methods, and tables that know what they do not have.
#pragma once

#include <lua.hpp>
#include <optional>
#include <string_view>

namespace shunt::lua {

struct Module;

/// Replaces the table of fields on top of the stack by an object of `module`'s class: its methods are found through it,
/// and it cannot be changed. Reading what it does not have raises SH1211.
void make_object(lua_State* lua, const Module& module);

/// Whether the value at `index` is an object of that class. Never raises.
bool is_object(lua_State* lua, int index, std::string_view class_name);

/// The `handle` of an object that stands for something of the engine's. Never raises.
std::optional<lua_Integer> handle_of(lua_State* lua, int index);

/// Makes the table on top of the stack raise SH1211, with the nearest name, when something is read that it does not
/// have.
void make_strict(lua_State* lua, const Module& module);

}  // namespace shunt::lua
