#include "vm/sandbox.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <map>

#include "shunt/schema.hpp"
#include "vm/api.hpp"
#include "vm/base.hpp"
#include "vm/coroutines.hpp"
#include "vm/error_object.hpp"
#include "vm/files.hpp"
#include "vm/frozen.hpp"
#include "vm/iteration.hpp"
#include "vm/metatables.hpp"
#include "vm/modules.hpp"
#include "vm/objects.hpp"
#include "vm/state.hpp"
#include "vm/strings.hpp"

namespace shunt::lua {

namespace {

constexpr std::array<const char*, 5> plain_modules = {"string", "table", "math", "utf8", "coroutine"};

std::vector<Bindings> functions_of(Surface surface) {
  return {base_bindings(), iteration_bindings(), metatable_bindings(), protected_bindings(), file_bindings(surface)};
}

bool is_on(Surface surface, const Module& module) {
  if (surface == Surface::test) return module.for_tests || module.name == "json";
  return surface == Surface::strategy && !module.for_tests;
}

bool has_module(Surface surface, std::string_view name) {
  if (std::find(plain_modules.begin(), plain_modules.end(), name) != plain_modules.end()) return true;
  const Module* module = find_module(name);
  return module != nullptr && !module->object && !module->globals && is_on(surface, *module);
}

// Pushes the read-only module `name` and remembers it in the table of globals at index 1.
int open_module(lua_State* lua, const char* name) {
  push_module(lua, name);
  if (const Module* module = find_module(name)) make_strict(lua, *module);
  if (name == std::string_view("string")) open_string_methods(lua);
  freeze(lua, name);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, 1, name);
  return 1;
}

// __index of the table of globals: makes modules when they are first used. Upvalue 1: the surface.
int missing_global(lua_State* lua) {
  const auto surface = static_cast<Surface>(lua_tointeger(lua, lua_upvalueindex(1)));
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  if (has_module(surface, name)) return open_module(lua, name);
  {
    const std::string text = name;
    State::of(lua).outbox.error =
        Error("SH1103", Kind::script, fmt::format("there is no global '{}'", text.substr(0, 80)),
              hint_for_global(text, surface));
  }
  return raise(lua);
}

void add_functions(lua_State* lua, Bindings bindings) {
  for (const Binding& binding : bindings) {
    push_binding(lua, binding);
    lua_setfield(lua, -2, binding.name);
  }
}

// The functions of a module that are global themselves go into the table of globals at that index.
void add_globals(lua_State* lua, Surface surface, int index) {
  push_frozen_target(lua, index);
  for (const Module& module : api()) {
    if (!module.globals || !is_on(surface, module)) continue;
    push_module(lua, module.name);
    for (const Function& function : module.functions) {
      lua_getfield(lua, -1, function.name.c_str());
      lua_setfield(lua, -3, function.name.c_str());
    }
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
}

void open_null(lua_State* lua) {
  lua_createtable(lua, 0, 0);
  freeze(lua, "json.null");
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(Slot::null));
}

void open_table(lua_State* lua, Slot slot) {
  lua_createtable(lua, 0, 0);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(slot));
}

}  // namespace

void open_sandbox(lua_State* lua, Surface surface) {
  luaL_checkstack(lua, 16, "sandbox");
  open_errors(lua);
  open_metatables(lua);
  open_null(lua);
  open_table(lua, Slot::undo);
  open_table(lua, Slot::results);
  open_table(lua, Slot::kept);
  const int globals = lua_gettop(lua) + 1;
  lua_createtable(lua, 0, 40);
  for (const Bindings bindings : functions_of(surface)) add_functions(lua, bindings);
  lua_createtable(lua, 0, 1);
  lua_pushinteger(lua, static_cast<lua_Integer>(surface));
  lua_pushcclosure(lua, &missing_global, 1);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  freeze(lua, "the set of global names");
  lua_pushvalue(lua, globals);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(Slot::environment));
  add_globals(lua, surface, globals);
  lua_getfield(lua, globals, "string");  // strings need their methods from the start
  lua_settop(lua, globals - 1);
}

void push_environment(lua_State* lua) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::environment));
}

namespace {

std::vector<std::string> list_globals(Surface surface) {
  std::vector<std::string> names(plain_modules.begin(), plain_modules.end());
  for (const Bindings bindings : functions_of(surface))
    for (const Binding& binding : bindings) names.emplace_back(binding.name);
  for (const Module& module : api()) {
    if (module.object || !is_on(surface, module)) continue;
    if (!module.globals) names.push_back(module.name);
    if (module.globals)
      for (const Function& function : module.functions) names.push_back(function.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

const std::vector<std::string>& global_names(Surface surface) {
  static const std::map<Surface, std::vector<std::string>> all = {{Surface::app, list_globals(Surface::app)},
                                                                  {Surface::strategy, list_globals(Surface::strategy)},
                                                                  {Surface::test, list_globals(Surface::test)}};
  return all.at(surface);
}

std::string hint_for_global(const std::string& name, Surface surface) {
  static const std::map<std::string, std::string> instead = {
      {"print", "use log.info(...)"},
      {"os", "use clock.now() for time, and exec.run{...} for programs"},
      {"io", "scripts have no files; use exec.run{...}"},
      {"debug", "errors carry a traceback"},
      {"package", "use require"},
      {"load", "scripts are text files only; use require"},
      {"loadstring", "scripts are text files only; use require"},
      {"loadfile", "use require"},
      {"dofile", "use require"},
      {"unpack", "use table.unpack"},
      {"collectgarbage", "memory needs no care"},
      {"deploy", "it is the first argument of `run`"},
      {"options", "it is the second argument of `run`"},
      {"_G", "there is no table of all globals"},
      {"env", "only the app file has it; give the value to the strategy as an option"},
      {"secret", "only the app file has it"},
      {"include", "use require"},
      {"require", "use include"},
  };
  const auto known = instead.find(name);
  if (known != instead.end()) return known->second;
  const auto near = nearest(name, global_names(surface));
  return near.empty() ? "write `local` in front of it where it gets its value"
                      : fmt::format("did you mean '{}'?", near);
}

}  // namespace shunt::lua
