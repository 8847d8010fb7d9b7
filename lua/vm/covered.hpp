// Which lines of a script have code, and how often each was reached.
#pragma once

#include <lua.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "shunt/script.hpp"

namespace shunt::lua {

/// Counts for one state. A line that only ends a function has no code of its own.
class Covered {
 public:
  explicit Covered(Coverage* coverage) : coverage_(coverage) {}

  bool wanted() const { return coverage_ != nullptr; }

  /// The function on top of the stack was just compiled from that file: its lines count from now on.
  void begin(lua_State* lua, const std::string& file);

  /// The hook: a line is reached.
  void reach(lua_State* lua, lua_Debug* record);

 private:
  Coverage* coverage_;
  std::unordered_map<const char*, std::map<int, std::int64_t>*> lines_;  ///< by the chunk's name, as Lua keeps it
};

/// The lines with code of compiled Lua 5.4, as lua_dump writes it; empty where it is of another form.
std::set<int> lines_with_code(std::string_view bytecode);

}  // namespace shunt::lua
