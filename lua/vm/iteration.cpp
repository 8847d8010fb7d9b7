#include "vm/iteration.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "config/planted.hpp"
#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

/// One key of a table, plain memory: it lies in a block that Lua owns, and points to strings that the table keeps
/// alive.
struct Key {
  enum class Sort { integer, real, text };

  Sort sort;
  union {
    lua_Integer integer;
    lua_Number real;
    const char* bytes;
  };
  std::size_t size;
};

bool whole_before_real(lua_Integer whole, lua_Number real) {
  // Both bounds are powers of two, so they are exact as floating-point numbers.
  if (real >= 9223372036854775808.0) return true;
  if (real < -9223372036854775808.0) return false;
  return whole <= static_cast<lua_Integer>(std::floor(real));
}

// Numbers, then strings by their bytes. A float key is never equal to an integer key: Lua makes integers of such.
bool before(const Key& left, const Key& right) {
  if ((left.sort == Key::Sort::text) != (right.sort == Key::Sort::text)) return left.sort != Key::Sort::text;
  if (left.sort == Key::Sort::text) {
    const int order = std::memcmp(left.bytes, right.bytes, std::min(left.size, right.size));
    return order != 0 ? order < 0 : left.size < right.size;
  }
  if (left.sort == right.sort)
    return left.sort == Key::Sort::integer ? left.integer < right.integer : left.real < right.real;
  if (left.sort == Key::Sort::integer) return whole_before_real(left.integer, right.real);
  return !whole_before_real(right.integer, left.real);
}

// Reads the key at `index`; false when it is of a kind that has no order.
bool read_key(lua_State* lua, int index, Key& key) {
  if (lua_isinteger(lua, index) != 0) {
    key.sort = Key::Sort::integer;
    key.integer = lua_tointeger(lua, index);
  } else if (lua_type(lua, index) == LUA_TNUMBER) {
    key.sort = Key::Sort::real;
    key.real = lua_tonumber(lua, index);
  } else if (lua_type(lua, index) == LUA_TSTRING) {
    key.sort = Key::Sort::text;
    key.bytes = lua_tolstring(lua, index, &key.size);
  } else {
    return false;
  }
  return true;
}

void push_key(lua_State* lua, const Key& key) {
  if (key.sort == Key::Sort::integer) {
    lua_pushinteger(lua, key.integer);
  } else if (key.sort == Key::Sort::real) {
    lua_pushnumber(lua, key.real);
  } else {
    lua_pushlstring(lua, key.bytes, key.size);
  }
}

int refuse_keys(lua_State* lua) {
  return raise(lua, "SH1212",
               "a table whose keys are neither numbers nor strings has no order in which to go through it",
               "keep a list beside it, or use strings as keys");
}

lua_Integer key_count(lua_State* lua, int table) {
  lua_Integer count = 0;
  for (lua_pushnil(lua); lua_next(lua, table) != 0; lua_pop(lua, 1)) ++count;
  return count;
}

// Replaces a read-only view at `index` by what it shows.
void reveal(lua_State* lua, int index) {
  if (push_frozen_target(lua, index)) lua_replace(lua, index);
}

// Upvalues: 1 the table, 2 its sorted keys, 3 how many were given.
int next_of_snapshot(lua_State* lua) {
  lua_Integer position = lua_tointeger(lua, lua_upvalueindex(3));
  while (true) {
    ++position;
    if (lua_rawgeti(lua, lua_upvalueindex(2), position) == LUA_TNIL) return 1;
    lua_pushvalue(lua, -1);
    if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL) break;
    lua_pop(lua, 2);
    if (!State::of(lua).spend(1)) return stop(lua);
  }
  lua_pushinteger(lua, position);
  lua_replace(lua, lua_upvalueindex(3));
  return 2;
}

// Pushes a list of the keys of the table at `table`, sorted; false when it has others than numbers and strings.
bool push_sorted_keys(lua_State* lua, int table, lua_Integer count) {
  auto* keys = static_cast<Key*>(lua_newuserdatauv(lua, static_cast<std::size_t>(count) * sizeof(Key), 0));
  Key* end = keys;
  for (lua_pushnil(lua); lua_next(lua, table) != 0; ++end) {
    lua_pop(lua, 1);
    if (!read_key(lua, -1, *end)) return false;
  }
  if (!is_planted("pairs in hash order")) std::sort(keys, end, before);
  lua_createtable(lua, static_cast<int>(count), 0);
  lua_Integer index = 0;
  for (const Key* key = keys; key != end; ++key) {
    push_key(lua, *key);
    lua_rawseti(lua, -2, ++index);
  }
  return true;
}

int after_own_pairs(lua_State*, int, lua_KContext) {
  return 3;
}

int base_pairs(lua_State* lua) {
  if (lua_type(lua, 1) == LUA_TNONE || lua_type(lua, 1) == LUA_TNIL) return refuse_argument(lua, "pairs", 1, "a table");
  lua_settop(lua, 1);
  if (luaL_getmetafield(lua, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(lua, 1);
    lua_callk(lua, 1, 3, 0, &after_own_pairs);
    return 3;
  }
  if (!lua_istable(lua, 1)) return refuse_argument(lua, "pairs", 1, "a table");
  lua_pushvalue(lua, 1);
  reveal(lua, 2);  // stays inside the iterator: whoever gets it could change what is read-only
  const lua_Integer count = key_count(lua, 2);
  if (!State::of(lua).spend(8 * count)) return stop(lua);
  if (!push_sorted_keys(lua, 2, count)) return refuse_keys(lua);
  lua_remove(lua, -2);
  lua_pushinteger(lua, 0);
  lua_pushcclosure(lua, &next_of_snapshot, 3);
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

// The smallest key above the given one: the same order as pairs, without remembering anything.
int base_next(lua_State* lua) {
  if (!lua_istable(lua, 1)) return refuse_argument(lua, "next", 1, "a table");
  lua_settop(lua, 2);
  reveal(lua, 1);
  Key given{};
  const bool first = lua_isnil(lua, 2);
  if (!first && !read_key(lua, 2, given)) return refuse_keys(lua);
  if (!State::of(lua).spend(key_count(lua, 1))) return stop(lua);
  Key best{};
  bool found = false;
  for (lua_pushnil(lua); lua_next(lua, 1) != 0;) {
    lua_pop(lua, 1);
    Key key{};
    if (!read_key(lua, -1, key)) return refuse_keys(lua);
    if ((!first && !before(given, key)) || (found && !before(key, best))) continue;
    best = key;
    found = true;
  }
  if (!found) {
    lua_pushnil(lua);
    return 1;
  }
  push_key(lua, best);
  lua_pushvalue(lua, -1);
  lua_rawget(lua, 1);
  return 2;
}

int after_element(lua_State* lua, int, lua_KContext) {
  return lua_isnil(lua, -1) ? 1 : 2;
}

int next_element(lua_State* lua) {
  const auto index = static_cast<lua_Integer>(static_cast<lua_Unsigned>(lua_tointeger(lua, 2)) + 1U);
  lua_settop(lua, 1);
  lua_pushinteger(lua, index);
  if (lua_istable(lua, 1) && lua_rawgeti(lua, 1, index) != LUA_TNIL) return 2;
  if (lua_istable(lua, 1)) lua_pop(lua, 1);
  lua_geti(lua, 1, index);
  return after_element(lua, LUA_OK, 0);
}

int base_ipairs(lua_State* lua) {
  if (lua_isnoneornil(lua, 1)) return refuse_argument(lua, "ipairs", 1, "a list");
  lua_pushcfunction(lua, &next_element);
  lua_pushvalue(lua, 1);
  lua_pushinteger(lua, 0);
  return 3;
}

}  // namespace

Bindings iteration_bindings() {
  static constexpr Binding bindings[] = {
      {"pairs", nullptr, &base_pairs},
      {"next", nullptr, &base_next},
      {"ipairs", nullptr, &base_ipairs},
  };
  return bindings;
}

}  // namespace shunt::lua
