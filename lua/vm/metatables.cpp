#include "vm/metatables.hpp"

#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

constexpr const char* allowed[] = {"__index", "__newindex", "__call",   "__tostring", "__name",     "__len", "__eq",
                                   "__lt",    "__le",       "__concat", "__unm",      "__add",      "__sub", "__mul",
                                   "__div",   "__mod",      "__pow",    "__idiv",     "__band",     "__bor", "__bxor",
                                   "__bnot",  "__shl",      "__shr",    "__pairs",    "__metatable"};

// Pushes the private copy that belongs to the metatable at `metatable`, making it the first time.
void push_private(lua_State* lua, int metatable) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::snapshots));
  lua_pushvalue(lua, metatable);
  if (lua_rawget(lua, -2) != LUA_TTABLE) {
    lua_pop(lua, 1);
    lua_createtable(lua, 0, 4);
    lua_pushvalue(lua, metatable);
    lua_rawsetp(lua, -2, key_of(Slot::original));
    lua_pushvalue(lua, metatable);
    lua_pushvalue(lua, -2);
    lua_rawset(lua, -4);
  }
  lua_remove(lua, -2);
}

void copy_allowed(lua_State* lua, int from, int to) {
  for (const char* name : allowed) {
    lua_pushstring(lua, name);
    lua_pushvalue(lua, -1);
    lua_rawget(lua, from);
    lua_rawset(lua, to);
  }
}

int base_setmetatable(lua_State* lua) {
  if (!lua_istable(lua, 1)) return refuse_argument(lua, "setmetatable", 1, "a table");
  if (!lua_isnil(lua, 2) && !lua_istable(lua, 2)) return refuse_argument(lua, "setmetatable", 2, "a table or nil");
  refuse_frozen(lua, 1);
  if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL)
    return raise(lua, "SH1209", "the metatable of this table is protected", "use a table of your own");
  lua_settop(lua, 2);
  if (lua_isnil(lua, 2)) {
    lua_setmetatable(lua, 1);
    return 1;
  }
  // What getmetatable gives back is what was given, also when that is a read-only view.
  push_private(lua, 2);
  if (!push_frozen_target(lua, 2)) lua_pushvalue(lua, 2);
  copy_allowed(lua, 4, 3);
  lua_settop(lua, 3);
  lua_setmetatable(lua, 1);
  lua_settop(lua, 1);
  return 1;
}

int base_getmetatable(lua_State* lua) {
  if (lua_isnone(lua, 1)) return refuse_argument(lua, "getmetatable", 1, "a value");
  push_visible_metatable(lua, 1);
  return 1;
}

}  // namespace

void push_visible_metatable(lua_State* lua, int index) {
  if (push_frozen_target(lua, index)) {
    lua_pop(lua, 1);
    lua_pushnil(lua);
    return;
  }
  if (lua_getmetatable(lua, index) == 0) {
    lua_pushnil(lua);
    return;
  }
  lua_pushliteral(lua, "__metatable");
  if (lua_rawget(lua, -2) == LUA_TNIL) {
    lua_pop(lua, 1);
    lua_rawgetp(lua, -1, key_of(Slot::original));
  }
  lua_remove(lua, -2);
}

void open_metatables(lua_State* lua) {
  lua_createtable(lua, 0, 0);
  lua_createtable(lua, 0, 1);
  lua_pushliteral(lua, "k");
  lua_setfield(lua, -2, "__mode");
  lua_setmetatable(lua, -2);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(Slot::snapshots));
}

Bindings metatable_bindings() {
  static constexpr Binding bindings[] = {
      {"setmetatable", nullptr, &base_setmetatable},
      {"getmetatable", nullptr, &base_getmetatable},
  };
  return bindings;
}

}  // namespace shunt::lua
