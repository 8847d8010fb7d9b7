#include "vm/tables.hpp"

#include <algorithm>

#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/printing.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

constexpr lua_Integer most_values = 10'000;
constexpr lua_Integer most_elements = 10'000'000;

// Checks that argument 1 is a table; reading functions take a read-only view for what it shows.
void need_list(lua_State* lua, const char* function) {
  if (!lua_istable(lua, 1)) refuse_argument(lua, function, 1, "a list");
}

void need_own_list(lua_State* lua, const char* function) {
  need_list(lua, function);
  refuse_frozen(lua, 1);
}

void reveal(lua_State* lua, int index) {
  if (push_frozen_target(lua, index)) lua_replace(lua, index);
}

lua_Integer whole(lua_State* lua, const char* function, int index) {
  int fits = 0;
  const lua_Integer number = lua_tointegerx(lua, index, &fits);
  if (fits == 0) refuse_argument(lua, function, index, "a whole number");
  return number;
}

lua_Integer whole_or(lua_State* lua, const char* function, int index, lua_Integer fallback) {
  return lua_isnoneornil(lua, index) ? fallback : whole(lua, function, index);
}

// Behind the last element there is always one more position.
lua_Integer length(lua_State* lua, int index) {
  return static_cast<lua_Integer>(std::min<lua_Unsigned>(lua_rawlen(lua, index), LUA_MAXINTEGER - 1));
}

// How many positions lie from first to last; far too many when there are more than anybody may ask for.
lua_Unsigned span_of(lua_Integer first, lua_Integer last) {
  if (first > last) return 0;
  const lua_Unsigned distance = static_cast<lua_Unsigned>(last) - static_cast<lua_Unsigned>(first);
  return distance >= LUA_MAXINTEGER ? LUA_MAXINTEGER : distance + 1U;
}

int too_many(lua_State* lua) {
  return raise(lua, "SH1208", "that is too many elements at once", "work on a part of the list");
}

// Copies the number at `index` as text into the buffer, or its string.
int add_element(lua_State* lua, luaL_Buffer& buffer, lua_Integer position) {
  const int type = lua_rawgeti(lua, 1, position);
  if (type != LUA_TSTRING && type != LUA_TNUMBER) {
    lua_pushfstring(lua, "table.concat found something else than a string or number at position %I",
                    static_cast<LUAI_UACINT>(position));
    return raise(lua, "SH1207", lua_tostring(lua, -1), "use tostring(...) when the list is made");
  }
  if (type == LUA_TNUMBER) {
    push_printed(lua, -1);
    lua_remove(lua, -2);
  }
  luaL_addvalue(&buffer);
  return 0;
}

int table_concat(lua_State* lua) {
  need_list(lua, "table.concat");
  reveal(lua, 1);
  if (!lua_isnoneornil(lua, 2) && lua_isstring(lua, 2) == 0) return refuse_argument(lua, "table.concat", 2, "a string");
  const lua_Integer first = whole_or(lua, "table.concat", 3, 1);
  const lua_Integer last = whole_or(lua, "table.concat", 4, length(lua, 1));
  const lua_Unsigned count = span_of(first, last);
  if (count > most_elements) return too_many(lua);
  if (!State::of(lua).spend(static_cast<std::int64_t>(count))) return stop(lua);
  std::size_t size = 0;
  const char* separator = lua_isnoneornil(lua, 2) ? "" : lua_tolstring(lua, 2, &size);
  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  for (lua_Unsigned i = 0; i < count; ++i) {
    if (i > 0) luaL_addlstring(&buffer, separator, size);
    if (const int raised = add_element(lua, buffer, first + static_cast<lua_Integer>(i)); raised != 0) return raised;
    if (luaL_bufflen(&buffer) > longest_string)
      return raise(lua, "SH1208", "the string would be longer than 1 MiB", "keep less text");
  }
  luaL_pushresult(&buffer);
  return 1;
}

int table_insert(lua_State* lua) {
  need_own_list(lua, "table.insert");
  const lua_Integer size = length(lua, 1);
  if (lua_gettop(lua) == 2) {
    lua_rawseti(lua, 1, size + 1);
    return 0;
  }
  if (lua_gettop(lua) != 3) return refuse_argument(lua, "table.insert", 3, "a value and nothing more");
  const lua_Integer position = whole(lua, "table.insert", 2);
  if (position < 1 || position > size + 1) return refuse_argument(lua, "table.insert", 2, "a position in the list");
  if (!State::of(lua).spend(size - position + 1)) return stop(lua);
  for (lua_Integer i = size; i >= position; --i) {
    lua_rawgeti(lua, 1, i);
    lua_rawseti(lua, 1, i + 1);
  }
  lua_rawseti(lua, 1, position);
  return 0;
}

int table_remove(lua_State* lua) {
  need_own_list(lua, "table.remove");
  const lua_Integer size = length(lua, 1);
  const lua_Integer position = whole_or(lua, "table.remove", 2, size);
  const bool at_edge = position == size + 1 || (size == 0 && position == 0);
  if (!at_edge && (position < 1 || position > size))
    return refuse_argument(lua, "table.remove", 2, "a position in the list");
  if (!State::of(lua).spend(std::max<lua_Integer>(size - position, 0))) return stop(lua);
  lua_rawgeti(lua, 1, position);
  for (lua_Integer i = position; i < size; ++i) {
    lua_rawgeti(lua, 1, i + 1);
    lua_rawseti(lua, 1, i);
  }
  lua_pushnil(lua);
  lua_rawseti(lua, 1, std::max(position, size));
  return 1;
}

int table_move(lua_State* lua) {
  need_list(lua, "table.move");
  const lua_Integer first = whole(lua, "table.move", 2);
  const lua_Integer last = whole(lua, "table.move", 3);
  const lua_Integer to = whole(lua, "table.move", 4);
  if (!lua_isnoneornil(lua, 5) && !lua_istable(lua, 5)) return refuse_argument(lua, "table.move", 5, "a list");
  const int target = lua_isnoneornil(lua, 5) ? 1 : 5;
  refuse_frozen(lua, target);
  const lua_Unsigned count = span_of(first, last);
  if (count > most_elements || (count > 0 && to > LUA_MAXINTEGER - static_cast<lua_Integer>(count)))
    return too_many(lua);
  if (!State::of(lua).spend(static_cast<std::int64_t>(count))) return stop(lua);
  lua_settop(lua, 5);
  lua_pushvalue(lua, target);
  reveal(lua, 1);
  const bool same = lua_rawequal(lua, 1, 6) != 0;
  const bool backwards = same && to > first && to <= last;
  for (lua_Unsigned i = 0; i < count; ++i) {
    const auto offset = static_cast<lua_Integer>(backwards ? count - 1 - i : i);
    lua_rawgeti(lua, 1, first + offset);
    lua_rawseti(lua, 6, to + offset);
  }
  return 1;
}

int table_unpack(lua_State* lua) {
  need_list(lua, "table.unpack");
  reveal(lua, 1);
  const lua_Integer first = whole_or(lua, "table.unpack", 2, 1);
  const lua_Integer last = whole_or(lua, "table.unpack", 3, length(lua, 1));
  const lua_Unsigned count = span_of(first, last);
  if (count > most_values || lua_checkstack(lua, static_cast<int>(count)) == 0) return too_many(lua);
  if (!State::of(lua).spend(static_cast<std::int64_t>(count))) return stop(lua);
  for (lua_Unsigned i = 0; i < count; ++i) lua_rawgeti(lua, 1, first + static_cast<lua_Integer>(i));
  return static_cast<int>(count);
}

int table_pack(lua_State* lua) {
  const int count = lua_gettop(lua);
  lua_createtable(lua, count, 1);
  lua_insert(lua, 1);
  for (int i = count; i >= 1; --i) lua_rawseti(lua, 1, i);
  lua_pushinteger(lua, count);
  lua_setfield(lua, 1, "n");
  return 1;
}

}  // namespace

Bindings table_bindings() {
  static constexpr Binding bindings[] = {
      {"table.concat", nullptr, &table_concat}, {"table.insert", nullptr, &table_insert},
      {"table.remove", nullptr, &table_remove}, {"table.move", nullptr, &table_move},
      {"table.unpack", nullptr, &table_unpack}, {"table.pack", nullptr, &table_pack},
  };
  return bindings;
}

}  // namespace shunt::lua
