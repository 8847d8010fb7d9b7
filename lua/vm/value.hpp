// Values between Lua and C++.
#pragma once

#include <lua.hpp>
#include <string>

#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt::lua {

/// The most that one value which leaves the script may take, and how deep it may be nested.
constexpr std::size_t largest_value = 1024 * 1024;
constexpr int deepest_value = 64;

/// Pushes `value`: arrays as sequences, objects as tables, null as nil; inside an array null is json.null. Raises when
/// memory is short or the value is nested too deeply for Lua's stack.
void push_value(lua_State* lua, const Value& value);

/// The value at `index`: sequences become arrays, tables with string keys objects, an empty table an empty array.
/// Functions, coroutines, other keys, mixed tables, holes, and what is too deep or too large give SH1204, which names
/// the place inside as `name.key[1]`. Raw: no metamethod runs. Never raises.
Result<Value> to_value(lua_State* lua, int index, const std::string& name);

/// A few words about the value at `index` for a message: "nothing", "the number 5", "the string 'abc'", "a table".
/// Never raises.
std::string described(lua_State* lua, int index);

/// Pushes json.null.
void push_null(lua_State* lua);

}  // namespace shunt::lua
