#include "vm/modules.hpp"

#include <fmt/format.h>
#include <string>

#include "vm/api.hpp"
#include "vm/branches.hpp"
#include "vm/coroutines.hpp"
#include "vm/error_object.hpp"
#include "vm/frozen.hpp"
#include "vm/json.hpp"
#include "vm/library.hpp"
#include "vm/maths.hpp"
#include "vm/objects.hpp"
#include "vm/sandbox.hpp"
#include "vm/state.hpp"
#include "vm/strings.hpp"
#include "vm/tables.hpp"
#include "vm/unicode.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

Answer native_perform(Arguments& in) {
  const std::string verb(in.text(1));
  in.table(2);
  if (in.wrong()) return in.complaint();
  auto args = to_value(in.lua(), 2, "the argument of " + verb);
  if (!args) return in.fail(std::move(args).error());
  if (args->is_array()) *args = Value::object();
  return in.perform(Call(verb, std::move(*args)));
}

// check(module, function, ...): raises when the arguments are not what api.lua says.
Answer native_check(Arguments& in) {
  const Module* module = find_module(in.text(1));
  const Function* function = module == nullptr ? nullptr : find_function(*module, in.text(2));
  if (function == nullptr) {
    in.refuse(2, "a function of api.lua");
    return in.complaint();
  }
  auto checked = check_arguments(in.lua(), *function, 3);
  if (!checked) return in.fail(std::move(checked).error());
  return in.results(0);
}

int native_check_list(lua_State* lua) {
  if (lua_istable(lua, 2)) {
    refuse_frozen(lua, 2);
    return 0;
  }
  lua_remove(lua, 1);
  return refuse_argument(lua, "table.sort", 1, "a list");
}

int native_raise(lua_State* lua) {
  if (!lua_istable(lua, 1)) return refuse_argument(lua, "raise", 1, "a table");
  State::of(lua).outbox.error = raised_error(lua, 1, 1);
  return raise(lua);
}

int native_object(lua_State* lua) {
  const char* name = lua_tostring(lua, 1);
  const Module* module = name == nullptr ? nullptr : find_module(name);
  if (module == nullptr || !lua_istable(lua, 2)) return refuse_argument(lua, "object", 2, "a table");
  lua_settop(lua, 2);
  make_object(lua, *module);
  return 1;
}

int native_keep_undo(lua_State* lua) {
  if (!lua_isfunction(lua, 2)) return refuse_argument(lua, "deploy:on_rollback", 2, "a function");
  lua_settop(lua, 2);
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::undo));
  lua_pushvalue(lua, 1);
  if (lua_rawget(lua, -2) != LUA_TNIL)
    return raise(lua, "SH1207", "deploy:on_rollback got a name that it knows already",
                 "give each undo a name of its own");
  lua_pop(lua, 1);
  lua_pushvalue(lua, 1);
  lua_pushvalue(lua, 2);
  lua_rawset(lua, -3);
  return 0;
}

// keep(kind, name, fn): its number among all that the file gave.
int native_keep(lua_State* lua) {
  if (!lua_isfunction(lua, 3)) return refuse_argument(lua, "keep", 3, "a function");
  lua_settop(lua, 3);
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::kept));
  const auto number = static_cast<lua_Integer>(lua_rawlen(lua, 4)) + 1;
  lua_createtable(lua, 3, 0);
  for (lua_Integer i = 1; i <= 3; ++i) {
    lua_pushvalue(lua, static_cast<int>(i));
    lua_rawseti(lua, -2, i);
  }
  lua_rawseti(lua, 4, number);
  lua_pushinteger(lua, number);
  return 1;
}

void push_natives(lua_State* lua) {
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::natives)) == LUA_TTABLE) return;
  lua_pop(lua, 1);
  push_bindings(lua, native_bindings());
  lua_pushvalue(lua, -1);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(Slot::natives));
}

// Pushes what is there before lua/lib has its say.
void push_basis(lua_State* lua, std::string_view name) {
  if (name == "string") return push_string_module(lua);
  if (name == "table") return push_bindings(lua, table_bindings());
  if (name == "math") return push_math_module(lua);
  if (name == "utf8") return push_utf8_module(lua);
  if (name == "coroutine") return push_bindings(lua, coroutine_bindings());
  if (name == "json") return push_json_module(lua);
  push_calls(lua, *find_module(name));
}

// Runs lua/lib/NAME.lua with the module's functions at `basis` and copies what it returns over them.
void add_library(lua_State* lua, std::string_view bytecode, int basis) {
  if (luaL_loadbufferx(lua, bytecode.data(), bytecode.size(), "library", "b") != LUA_OK) lua_error(lua);
  push_environment(lua);
  lua_setupvalue(lua, -2, 1);
  push_natives(lua);
  lua_createtable(lua, 0, 0);
  for (lua_pushnil(lua); lua_next(lua, basis) != 0;) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_rawset(lua, -4);
  }
  lua_call(lua, 2, 1);
  for (lua_pushnil(lua); lua_next(lua, -2) != 0;) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_rawset(lua, basis);
  }
  lua_pop(lua, 1);
}

}  // namespace

void push_module(lua_State* lua, std::string_view name) {
  luaL_checkstack(lua, 16, "modules");
  push_basis(lua, name);
  const auto bytecode = library_bytecode(name);
  if (bytecode) add_library(lua, *bytecode, lua_gettop(lua));
}

Bindings native_bindings() {
  static constexpr Binding bindings[] = {
      {"native.perform", &native_perform},
      {"native.check", &native_check},
      {"native.fork", nullptr, &fork},
      {"native.check_list", nullptr, &native_check_list},
      {"native.raise", nullptr, &native_raise},
      {"native.object", nullptr, &native_object},
      {"native.keep_undo", nullptr, &native_keep_undo},
      {"native.keep", nullptr, &native_keep},
  };
  return bindings;
}

}  // namespace shunt::lua
