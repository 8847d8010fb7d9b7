// What scripts can reach: a fresh environment of allowed names, read-only all the way down.
#pragma once

#include <lua.hpp>
#include <string>
#include <vector>

namespace shunt::lua {

class State;

/// App files have the plain language and env, secret, include; strategies have the plain language, the API and require;
/// tests have the plain language, what tests_api.lua says, and require.
enum class Surface { app, strategy, test };

/// Makes the environment of a new state. Must be called where errors of Lua are caught.
void open_sandbox(lua_State* lua, Surface surface);

/// Pushes the environment of scripts.
void push_environment(lua_State* lua);

/// Every global name of a surface, sorted.
const std::vector<std::string>& global_names(Surface surface);

/// What to say to somebody who uses a name that does not exist: "did you mean ...?", or what stands in for it; may be
/// empty.
std::string hint_for_global(const std::string& name, Surface surface);

}  // namespace shunt::lua
