#include "vm/objects.hpp"

#include <fmt/format.h>

#include "shunt/schema.hpp"
#include "vm/api.hpp"
#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/modules.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

/// Fields that an object of this class may lack, because they are nil at times.
bool may_be_nil(std::string_view class_name, std::string_view field) {
  return (class_name == "deploy" && field == "previous_version") || (class_name == "expectation" && field == "value");
}

Error no_such_name(const Module& module, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& function : module.functions) names.push_back(function.name);
  const auto near = nearest(name, names);
  return {"SH1211", Kind::script, fmt::format("{} has no '{}'", module.name, name.substr(0, 80)),
          near.empty() ? fmt::format("it has: {}", fmt::join(names, ", ")) : fmt::format("did you mean '{}'?", near)};
}

// Upvalue 1: the Module.
int raise_missing(lua_State* lua) {
  const auto& module = *static_cast<const Module*>(lua_touserdata(lua, lua_upvalueindex(1)));
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  if (may_be_nil(module.name, name)) {
    lua_pushnil(lua);
    return 1;
  }
  State::of(lua).outbox.error = no_such_name(module, name);
  return raise(lua);
}

// Pushes the methods of a class; the table is made once per state.
void push_methods(lua_State* lua, const Module& module) {
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &module) == LUA_TTABLE) return;
  lua_pop(lua, 1);
  push_module(lua, module.name);
  make_strict(lua, module);
  lua_pushvalue(lua, -1);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &module);
}

}  // namespace

void make_strict(lua_State* lua, const Module& module) {
  lua_createtable(lua, 0, 1);
  lua_pushlightuserdata(lua, const_cast<Module*>(&module));
  lua_pushcclosure(lua, &raise_missing, 1);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
}

void make_object(lua_State* lua, const Module& module) {
  lua_createtable(lua, 0, 1);
  push_methods(lua, module);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  freeze(lua, module.name.c_str());
  lua_getmetatable(lua, -1);
  lua_pushlstring(lua, module.name.data(), module.name.size());
  lua_rawsetp(lua, -2, key_of(Slot::object_class));
  lua_pop(lua, 1);
}

std::optional<lua_Integer> handle_of(lua_State* lua, int index) {
  if (!push_frozen_target(lua, index)) return std::nullopt;
  lua_pushliteral(lua, "handle");
  lua_rawget(lua, -2);
  int whole = 0;
  const auto handle = lua_tointegerx(lua, -1, &whole);
  lua_pop(lua, 2);
  return whole == 0 ? std::nullopt : std::optional(handle);
}

bool is_object(lua_State* lua, int index, std::string_view class_name) {
  if (lua_type(lua, index) != LUA_TTABLE || lua_getmetatable(lua, index) == 0) return false;
  const bool same =
      lua_rawgetp(lua, -1, key_of(Slot::object_class)) == LUA_TSTRING && lua_tostring(lua, -1) == class_name;
  lua_pop(lua, 2);
  return same;
}

}  // namespace shunt::lua
