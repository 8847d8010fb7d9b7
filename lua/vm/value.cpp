#include "vm/value.hpp"

#include <fmt/format.h>
#include <cmath>
#include <optional>

#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

constexpr std::size_t node_size = 16;
constexpr std::size_t longest_shown = 40;
constexpr std::size_t longest_path = 200;
constexpr std::size_t most_keys = largest_value / node_size;

std::string shown(std::string_view text) {
  std::string kept(text.substr(0, longest_shown));
  for (char& byte : kept)
    if (static_cast<unsigned char>(byte) < ' ') byte = ' ';
  return text.size() > longest_shown ? kept + "..." : kept;
}

/// What sorts of keys a table has.
struct Keys {
  std::size_t strings = 0;
  std::size_t integers = 0;
  std::size_t others = 0;
  lua_Integer largest = 0;
  bool below_one = false;
};

/// Walks a value on the stack without ever raising.
class Walk {
 public:
  Walk(lua_State* lua, std::string name) : lua_(lua), name_(std::move(name)) {}

  Result<Value> run(int index) {
    auto result = value(index, name_, 1);
    charge(lua_, static_cast<std::int64_t>(keys_));
    return result;
  }

 private:
  Result<Value> value(int index, const std::string& path, int depth);
  Result<Value> table(int index, const std::string& path, int depth);
  Result<Value> list(int index, const Keys& keys, const std::string& path, int depth);
  Result<Value> object(int index, const std::string& path, int depth);
  Keys keys_of(int index);
  bool is_null(int index);
  bool fits(std::size_t bytes) {
    size_ += bytes + node_size;
    return size_ <= largest_value;
  }
  static Error unfit(std::string message, std::string remedy) {
    return {"SH1204", Kind::script, std::move(message), std::move(remedy)};
  }
  bool is_too_large() const { return size_ > largest_value; }
  Error too_large() const {
    return unfit(fmt::format("{} is larger than 1 MiB", name_.empty() ? "the table" : name_), "pass on less");
  }

  lua_State* lua_;
  std::string name_;
  std::size_t size_ = 0;
  std::size_t keys_ = 0;  ///< that were looked at; each belongs to a node of the value
};

// A path is for people; it does not grow with the value.
std::string below(const std::string& path, std::string_view part) {
  return path.size() + part.size() > longest_path ? path : fmt::format("{}{}", path, part);
}

Result<Value> Walk::value(int index, const std::string& path, int depth) {
  switch (lua_type(lua_, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
      return Value(nullptr);
    case LUA_TBOOLEAN:
      return Value(lua_toboolean(lua_, index) != 0);
    case LUA_TNUMBER:
      if (!fits(0)) return too_large();
      if (lua_isinteger(lua_, index) != 0) return Value(static_cast<std::int64_t>(lua_tointeger(lua_, index)));
      return Value(static_cast<double>(lua_tonumber(lua_, index)));
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* bytes = lua_tolstring(lua_, index, &size);
      if (!fits(size)) return too_large();
      return Value(std::string(bytes, size));
    }
    case LUA_TTABLE:
      return table(index, path, depth);
    default:
      return unfit(fmt::format("{} is {}, which only the script itself can use", path, described(lua_, index)),
                   "pass on numbers, strings, booleans and tables of these");
  }
}

bool Walk::is_null(int index) {
  lua_rawgetp(lua_, LUA_REGISTRYINDEX, key_of(Slot::null));
  const bool same = lua_rawequal(lua_, -1, index) != 0;
  lua_pop(lua_, 1);
  return same;
}

Result<Value> Walk::table(int index, const std::string& path, int depth) {
  if (depth > deepest_value || lua_checkstack(lua_, 8) == 0)
    return unfit(fmt::format("{} is nested more than {} tables deep", path.substr(0, 80), deepest_value),
                 "check that no table contains itself");
  index = lua_absindex(lua_, index);
  if (is_null(index)) return Value(nullptr);
  if (push_frozen_target(lua_, index)) {
    auto inside = table(lua_gettop(lua_), path, depth);
    lua_pop(lua_, 1);
    return inside;
  }
  if (!fits(0)) return too_large();
  const Keys keys = keys_of(index);
  if (is_too_large()) return too_large();
  if (keys.others > 0)
    return unfit(fmt::format("{} has a key that is neither a string nor a whole number", path),
                 "use strings as keys, or a list");
  if (keys.strings > 0 && keys.integers > 0)
    return unfit(fmt::format("{} is a list and has named keys too", path), "make it one or the other");
  if (keys.strings > 0) return object(index, path, depth);
  return list(index, keys, path, depth);
}

Keys Walk::keys_of(int index) {
  Keys keys;
  lua_pushnil(lua_);
  while (lua_next(lua_, index) != 0) {
    lua_pop(lua_, 1);
    if (++keys_ > most_keys) {
      size_ = largest_value + 1;
      lua_pop(lua_, 1);
      break;
    }
    if (lua_type(lua_, -1) == LUA_TSTRING) {
      ++keys.strings;
    } else if (lua_isinteger(lua_, -1) != 0) {
      const lua_Integer key = lua_tointeger(lua_, -1);
      ++keys.integers;
      keys.largest = std::max(keys.largest, key);
      keys.below_one = keys.below_one || key < 1;
    } else {
      ++keys.others;
    }
  }
  return keys;
}

Result<Value> Walk::list(int index, const Keys& keys, const std::string& path, int depth) {
  if (keys.below_one) return unfit(fmt::format("{} has a key below 1", path), "number the elements of a list from 1");
  Value result = Value::array();
  for (std::size_t i = 1; i <= keys.integers; ++i) {
    lua_rawgeti(lua_, index, static_cast<lua_Integer>(i));
    if (lua_isnil(lua_, -1)) {
      lua_pop(lua_, 1);
      return unfit(
          fmt::format("{} is a list with a hole: it has no element {} but an element {}", path, i, keys.largest),
          "leave no element of a list nil");
    }
    auto item = value(lua_gettop(lua_), below(path, fmt::format("[{}]", i)), depth + 1);
    lua_pop(lua_, 1);
    if (!item) return item;
    result.push_back(std::move(*item));
  }
  return result;
}

// The order of lua_next depends on the process, and must not show in which of several errors is told.
Result<Value> Walk::object(int index, const std::string& path, int depth) {
  Value result = Value::object();
  std::optional<Error> failure;
  std::string failed_key;
  lua_pushnil(lua_);
  while (lua_next(lua_, index) != 0) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua_, -2, &size);
    const std::string key(bytes, size);
    auto item = fits(size) ? value(lua_gettop(lua_), below(path, "." + key), depth + 1) : too_large();
    lua_pop(lua_, 1);
    if (is_too_large()) {
      lua_pop(lua_, 1);
      return too_large();
    }
    if (item) {
      result[key] = std::move(*item);
    } else if (!failure || key < failed_key) {
      failure = std::move(item).error();
      failed_key = key;
    }
  }
  if (failure) return *failure;
  return result;
}

void push_number(lua_State* lua, const Value& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(LUA_MAXINTEGER)) {
    lua_pushnumber(lua, static_cast<lua_Number>(value.get<std::uint64_t>()));
  } else if (value.is_number_integer()) {
    lua_pushinteger(lua, value.get<std::int64_t>());
  } else {
    lua_pushnumber(lua, value.get<double>());
  }
}

void push_structured(lua_State* lua, const Value& value) {
  luaL_checkstack(lua, 4, "the value is nested too deeply");
  if (value.is_array()) {
    lua_createtable(lua, static_cast<int>(value.size()), 0);
    lua_Integer index = 0;
    for (const auto& item : value) {
      if (item.is_null()) {
        push_null(lua);
      } else {
        push_value(lua, item);
      }
      lua_rawseti(lua, -2, ++index);
    }
    return;
  }
  lua_createtable(lua, 0, static_cast<int>(value.size()));
  const auto& members = value.get_ref<const Value::object_t&>();
  for (const auto& [key, item] : members) {
    lua_pushlstring(lua, key.data(), key.size());
    push_value(lua, item);
    lua_rawset(lua, -3);
  }
}

}  // namespace

void push_value(lua_State* lua, const Value& value) {
  if (value.is_structured()) {
    push_structured(lua, value);
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    lua_pushlstring(lua, text.data(), text.size());
  } else if (value.is_boolean()) {
    lua_pushboolean(lua, value.get<bool>() ? 1 : 0);
  } else if (value.is_number()) {
    push_number(lua, value);
  } else {
    lua_pushnil(lua);
  }
}

void push_null(lua_State* lua) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::null));
}

Result<Value> to_value(lua_State* lua, int index, const std::string& name) {
  return Walk(lua, name).run(lua_absindex(lua, index));
}

std::string described(lua_State* lua, int index) {
  switch (lua_type(lua, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
      return "nothing";
    case LUA_TBOOLEAN:
      return lua_toboolean(lua, index) != 0 ? "true" : "false";
    case LUA_TNUMBER:
      if (lua_isinteger(lua, index) != 0) return fmt::format("the number {}", lua_tointeger(lua, index));
      return std::isnan(lua_tonumber(lua, index)) ? "the number nan"
                                                  : fmt::format("the number {}", lua_tonumber(lua, index));
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* bytes = lua_tolstring(lua, index, &size);
      return fmt::format("the string '{}'", shown({bytes, size}));
    }
    case LUA_TTABLE:
      return is_error_object(lua, index) ? "an error" : "a table";
    case LUA_TFUNCTION:
      return "a function";
    case LUA_TTHREAD:
      return "a coroutine";
    default:
      return "a handle";
  }
}

}  // namespace shunt::lua
