#include "vm/base.hpp"

#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/printing.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

constexpr std::size_t longest_number = 200;

int base_type(lua_State* lua) {
  if (lua_isnone(lua, 1)) return refuse_argument(lua, "type", 1, "a value");
  lua_pushstring(lua, luaL_typename(lua, 1));
  return 1;
}

int base_tostring(lua_State* lua) {
  if (lua_isnone(lua, 1)) return refuse_argument(lua, "tostring", 1, "a value");
  push_printed(lua, 1);
  return 1;
}

int digit_of(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'z') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'Z') return byte - 'A' + 10;
  return 99;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \f\n\r\t\v";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

// Pushes the number that `text` is in `base`, or nil.
void push_number_in_base(lua_State* lua, std::string_view text, int base) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  lua_Unsigned number = 0;
  for (const char byte : text) {
    const int digit = digit_of(byte);
    if (digit >= base) {
      lua_pushnil(lua);
      return;
    }
    number = number * static_cast<lua_Unsigned>(base) + static_cast<lua_Unsigned>(digit);
  }
  if (text.empty()) {
    lua_pushnil(lua);
  } else {
    lua_pushinteger(lua, static_cast<lua_Integer>(negative ? 0U - number : number));
  }
}

int base_tonumber(lua_State* lua) {
  if (lua_isnone(lua, 1)) return refuse_argument(lua, "tonumber", 1, "a value");
  std::size_t size = 0;
  if (lua_isnoneornil(lua, 2)) {
    lua_settop(lua, 1);
    if (lua_type(lua, 1) == LUA_TNUMBER) return 1;
    const char* bytes = lua_type(lua, 1) == LUA_TSTRING ? lua_tolstring(lua, 1, &size) : nullptr;
    if (bytes == nullptr || size > longest_number || lua_stringtonumber(lua, bytes) != size + 1) lua_pushnil(lua);
    return 1;
  }
  if (lua_type(lua, 1) != LUA_TSTRING) return refuse_argument(lua, "tonumber", 1, "a string");
  const lua_Integer base = lua_tointeger(lua, 2);
  if (base < 2 || base > 36) return refuse_argument(lua, "tonumber", 2, "a whole number from 2 to 36");
  const char* bytes = lua_tolstring(lua, 1, &size);
  if (size > longest_number) size = 0;
  push_number_in_base(lua, {bytes, size}, static_cast<int>(base));
  return 1;
}

int base_select(lua_State* lua) {
  const int count = lua_gettop(lua);
  if (lua_type(lua, 1) == LUA_TSTRING && lua_tostring(lua, 1) == std::string_view("#")) {
    lua_pushinteger(lua, count - 1);
    return 1;
  }
  int fits = 0;
  lua_Integer first = lua_tointegerx(lua, 1, &fits);
  if (fits != 0 && first < 0) first += count;
  if (fits == 0 || first < 1) return refuse_argument(lua, "select", 1, "a position in the list, or '#'");
  return first >= count ? 0 : count - static_cast<int>(first);
}

int base_rawequal(lua_State* lua) {
  if (lua_gettop(lua) < 2) return refuse_argument(lua, "rawequal", lua_gettop(lua) + 1, "a value");
  lua_pushboolean(lua, lua_rawequal(lua, 1, 2));
  return 1;
}

int base_rawlen(lua_State* lua) {
  if (lua_type(lua, 1) != LUA_TTABLE && lua_type(lua, 1) != LUA_TSTRING)
    return refuse_argument(lua, "rawlen", 1, "a table or string");
  if (push_frozen_target(lua, 1)) lua_replace(lua, 1);
  lua_pushinteger(lua, static_cast<lua_Integer>(lua_rawlen(lua, 1)));
  return 1;
}

int base_rawget(lua_State* lua) {
  if (!lua_istable(lua, 1)) return refuse_argument(lua, "rawget", 1, "a table");
  lua_settop(lua, 2);
  if (push_frozen_target(lua, 1)) lua_replace(lua, 1);
  lua_rawget(lua, 1);
  return 1;
}

int base_rawset(lua_State* lua) {
  if (!lua_istable(lua, 1)) return refuse_argument(lua, "rawset", 1, "a table");
  if (lua_gettop(lua) < 3) return refuse_argument(lua, "rawset", lua_gettop(lua) + 1, "a value");
  if (lua_isnil(lua, 2)) return refuse_argument(lua, "rawset", 2, "a key");
  refuse_frozen(lua, 1);
  lua_settop(lua, 3);
  lua_rawset(lua, 1);
  return 1;
}

}  // namespace

Bindings base_bindings() {
  static constexpr Binding bindings[] = {
      {"type", nullptr, &base_type},     {"tostring", nullptr, &base_tostring}, {"tonumber", nullptr, &base_tonumber},
      {"select", nullptr, &base_select}, {"rawequal", nullptr, &base_rawequal}, {"rawlen", nullptr, &base_rawlen},
      {"rawget", nullptr, &base_rawget}, {"rawset", nullptr, &base_rawset},
  };
  return bindings;
}

}  // namespace shunt::lua
