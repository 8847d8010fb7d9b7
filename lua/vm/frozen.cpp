#include "vm/frozen.hpp"

#include <fmt/format.h>

#include "vm/error_object.hpp"
#include "vm/state.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

int raise_frozen(lua_State* lua, const char* what) {
  State::of(lua).outbox.error = Error("SH1209", Kind::script, fmt::format("{} cannot be changed", what),
                                      "use a local variable or a table of your own");
  return raise(lua);
}

// Upvalue 1: what the view is called.
int refuse_assignment(lua_State* lua) {
  const char* what = lua_tostring(lua, lua_upvalueindex(1));
  {
    const std::string key = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "";
    State::of(lua).outbox.error =
        Error("SH1209", Kind::script,
              key.empty() ? fmt::format("{} cannot be changed", what)
                          : fmt::format("'{}' cannot be set: {} cannot be changed", key.substr(0, 80), what),
              "use a local variable or a table of your own");
  }
  return raise(lua);
}

int length(lua_State* lua) {
  if (!push_frozen_target(lua, 1)) lua_pushvalue(lua, 1);
  lua_pushinteger(lua, static_cast<lua_Integer>(lua_rawlen(lua, -1)));
  return 1;
}

}  // namespace

void freeze(lua_State* lua, const char* what) {
  const int target = lua_gettop(lua);
  lua_createtable(lua, 0, 0);
  lua_createtable(lua, 0, 5);
  lua_pushvalue(lua, target);
  lua_setfield(lua, -2, "__index");
  lua_pushstring(lua, what);
  lua_pushcclosure(lua, &refuse_assignment, 1);
  lua_setfield(lua, -2, "__newindex");
  lua_pushcfunction(lua, &length);
  lua_setfield(lua, -2, "__len");
  lua_pushvalue(lua, target);
  lua_rawsetp(lua, -2, key_of(Slot::frozen));
  lua_pushstring(lua, what);
  lua_setfield(lua, -2, "__name");
  lua_setmetatable(lua, -2);
  lua_replace(lua, target);
}

bool push_frozen_target(lua_State* lua, int index) {
  if (lua_type(lua, index) != LUA_TTABLE || lua_getmetatable(lua, index) == 0) return false;
  lua_rawgetp(lua, -1, key_of(Slot::frozen));
  lua_remove(lua, -2);
  if (lua_istable(lua, -1)) return true;
  lua_pop(lua, 1);
  return false;
}

void refuse_frozen(lua_State* lua, int index) {
  if (!push_frozen_target(lua, index)) return;
  lua_pop(lua, 1);
  lua_getmetatable(lua, index);
  lua_getfield(lua, -1, "__name");
  raise_frozen(lua, lua_tostring(lua, -1));
}

}  // namespace shunt::lua
