#include "vm/library.hpp"

#include <lua.hpp>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "config/planted.hpp"
#include "shunt/value.hpp"
#include "vm/compiled.hpp"

namespace shunt::lua {

namespace {

struct Closer {
  void operator()(lua_State* lua) const { lua_close(lua); }
};

std::string compiled(lua_State* lua, const Source& source) {
  const std::string name = "=shunt." + source.name;  // no @: an author's traceback leaves it out
  if (luaL_loadbufferx(lua, source.text.data(), source.text.size(), name.c_str(), "t") != LUA_OK)
    throw std::logic_error(lua_tostring(lua, -1));
  auto bytecode = dumped(lua);
  lua_pop(lua, 1);
  return bytecode;
}

void take_the_right_one_first(std::string& text) {
  static constexpr std::string_view tie = "not before(from[right], from[left])";
  if (const auto at = text.find(tie); at != std::string::npos)
    text.replace(at, tie.size(), "before(from[left], from[right])");
}

std::map<std::string, std::string, std::less<>> compile_all() {
  const std::unique_ptr<lua_State, Closer> lua(luaL_newstate());
  std::map<std::string, std::string, std::less<>> all;
  for (Source source : library_texts()) {
    if (is_planted("unstable sort")) take_the_right_one_first(source.text);
    all[source.name] = compiled(lua.get(), source);
  }
  return all;
}

}  // namespace

std::optional<std::string_view> library_bytecode(std::string_view name) {
  static const auto all = compile_all();
  const auto found = all.find(name);
  if (found == all.end()) return std::nullopt;
  return found->second;
}

std::string library_hash() {
  std::string all;
  for (const Source& source : library_texts()) all += source.name + '\0' + source.text + '\0';
  return sha256(all);
}

}  // namespace shunt::lua
