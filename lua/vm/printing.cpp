#include "vm/printing.hpp"

#include <fmt/format.h>
#include <array>
#include <cmath>
#include <cstdio>

#include "vm/error_object.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

// Pushes the table object → number, making it the first time. Its keys are weak: numbers are never used again.
void push_ordinals(lua_State* lua) {
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::ordinals)) == LUA_TTABLE) return;
  lua_pop(lua, 1);
  lua_createtable(lua, 0, 0);
  lua_createtable(lua, 0, 1);
  lua_pushliteral(lua, "k");
  lua_setfield(lua, -2, "__mode");
  lua_setmetatable(lua, -2);
  lua_pushvalue(lua, -1);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(Slot::ordinals));
}

}  // namespace

std::string number_text(lua_State* lua, int index) {
  if (lua_isinteger(lua, index) != 0) return fmt::format("{}", lua_tointeger(lua, index));
  const lua_Number number = lua_tonumber(lua, index);
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.14g", number);
  std::string text = buffer.data();
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

void push_identity(lua_State* lua, int index, const char* type) {
  index = lua_absindex(lua, index);
  push_ordinals(lua);
  lua_pushvalue(lua, index);
  if (lua_rawget(lua, -2) != LUA_TNUMBER) {
    lua_pop(lua, 1);
    lua_pushinteger(lua, State::of(lua).next_ordinal());
    lua_pushvalue(lua, index);
    lua_pushvalue(lua, -2);
    lua_rawset(lua, -4);
  }
  const lua_Integer ordinal = lua_tointeger(lua, -1);
  lua_pop(lua, 2);
  lua_pushfstring(lua, "%s: %I", type, static_cast<LUAI_UACINT>(ordinal));
}

void push_printed(lua_State* lua, int index) {
  index = lua_absindex(lua, index);
  const int index_of_result = lua_gettop(lua) + 1;
  if (luaL_callmeta(lua, index, "__tostring") != 0) {
    if (lua_type(lua, -1) != LUA_TSTRING) raise(lua, "SH1202", "'__tostring' must return a string");
    return;
  }
  switch (lua_type(lua, index)) {
    case LUA_TNIL:
      lua_pushliteral(lua, "nil");
      return;
    case LUA_TBOOLEAN:
      lua_pushstring(lua, lua_toboolean(lua, index) != 0 ? "true" : "false");
      return;
    case LUA_TSTRING:
      lua_pushvalue(lua, index);
      return;
    case LUA_TNUMBER:
      lua_pushstring(lua, number_text(lua, index).c_str());
      return;
    default:
      break;
  }
  const bool named = luaL_getmetafield(lua, index, "__name") == LUA_TSTRING;
  if (!named) lua_pushstring(lua, luaL_typename(lua, index));
  push_identity(lua, index, lua_tostring(lua, -1));
  lua_replace(lua, index_of_result);
  lua_settop(lua, index_of_result);
}

}  // namespace shunt::lua
