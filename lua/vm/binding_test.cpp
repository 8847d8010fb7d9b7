// Every function that scripts can call, made to fail many times: nothing may leak.
#include "vm/binding.hpp"

#include <doctest/doctest.h>
#include <malloc.h>
#include <set>

#include "config/test_size.hpp"
#include "vm/api.hpp"
#include "vm/base.hpp"
#include "vm/coroutines.hpp"
#include "vm/error_object.hpp"
#include "vm/files.hpp"
#include "vm/iteration.hpp"
#include "vm/json.hpp"
#include "vm/maths.hpp"
#include "vm/metatables.hpp"
#include "vm/modules.hpp"
#include "vm/sandbox.hpp"
#include "vm/state.hpp"
#include "vm/strings.hpp"
#include "vm/tables.hpp"
#include "vm/unicode.hpp"

using namespace shunt;
using namespace shunt::lua;

namespace {

#ifdef __SANITIZE_ADDRESS__
const int repetitions = test::size(20'000, 100'000);
#else
const int repetitions = test::size(1'000, 100'000);
#endif

/// A state with the sandbox of a surface, in LOAD: Calls fail too.
class Bench {
 public:
  explicit Bench(Surface surface) : loader_(surface, nullptr, nullptr), state_(ScriptLimits(), watchdog_) {
    state_.loader = &loader_;
    lua_pushinteger(state_.lua(), static_cast<lua_Integer>(surface));
    lua_pushcclosure(
        state_.lua(),
        [](lua_State* lua) {
          open_sandbox(lua, static_cast<Surface>(lua_tointeger(lua, lua_upvalueindex(1))));
          return 0;
        },
        1);
    REQUIRE(lua_pcall(state_.lua(), 0, 0, 0) == LUA_OK);
  }

  lua_State* lua() const { return state_.lua(); }

  /// Calls the function on top of the stack with one of several sets of wrong arguments. False: none of them fails.
  bool fails(int set) {
    renew();
    lua_State* const lua = state_.lua();
    lua_pushvalue(lua, -1);
    const int arguments = push_wrong(set);
    const bool failed = lua_pcall(lua, arguments, 0, 0) != LUA_OK;
    if (failed) {
      if (!is_error_object(lua, -1)) ++strangers_;
      lua_pop(lua, 1);
    }
    return failed;
  }

  bool fails_repeatedly(int set) {
    for (int i = 0; i < repetitions; ++i)
      if (!fails(set)) return false;
    return true;
  }

  /// How many of the errors were no error objects.
  int strangers() const { return strangers_; }

  std::size_t used() {
    lua_gc(state_.lua(), LUA_GCCOLLECT);
    lua_gc(state_.lua(), LUA_GCCOLLECT);
    return state_.memory().used();
  }

 private:
  void renew() {
    state_.budget().renew();
    state_.budget().start();
  }

  int push_wrong(int set) {
    lua_State* const lua = state_.lua();
    switch (set) {
      case 0:
        return 0;
      case 1:
        lua_createtable(lua, 0, 0);
        return 1;
      case 2:
        lua_pushinteger(lua, -1);
        return 1;
      case 3:
        lua_pushliteral(lua, "%");
        lua_pushliteral(lua, "%");
        lua_pushliteral(lua, "%");
        return 3;
      case 4:
        lua_pushboolean(lua, 0);
        lua_pushboolean(lua, 1);
        return 2;
      default:
        lua_createtable(lua, 0, 0);
        push_environment(lua);
        lua_pushnumber(lua, 0.5);
        lua_pushliteral(lua, "%");
        return 4;
    }
  }

  Watchdog watchdog_;
  Loader loader_;
  State state_;
  int strangers_ = 0;
};

constexpr int wrong_sets = 6;

void make_fail(Bench& bench, const std::string& name, std::set<std::string>& never) {
  for (int set = 0; set < wrong_sets; ++set) {
    if (!bench.fails(set)) continue;
    const auto before = bench.used();
    const auto heap = ::mallinfo2().uordblks;
    CHECK_MESSAGE(bench.fails_repeatedly(set), name);
    CHECK_MESSAGE(bench.used() <= before + 512, name);
    CHECK_MESSAGE(::mallinfo2().uordblks <= heap + 4096, name);
    return;
  }
  never.insert(name);
}

}  // namespace

TEST_CASE("every bound function can fail again and again without leaving anything behind") {
  std::set<std::string> never;
  Bench strategy(Surface::strategy);
  Bench app(Surface::app);
  for (const Bindings bindings :
       {base_bindings(), iteration_bindings(), metatable_bindings(), protected_bindings(), coroutine_bindings(),
        string_bindings(), matching_bindings(), format_bindings(), table_bindings(), math_bindings(), utf8_bindings(),
        json_bindings(), native_bindings(), file_bindings(Surface::strategy)}) {
    for (const Binding& binding : bindings) {
      push_binding(strategy.lua(), binding);
      make_fail(strategy, binding.name, never);
      lua_pop(strategy.lua(), 1);
    }
  }
  for (const Binding& binding : file_bindings(Surface::app)) {
    push_binding(app.lua(), binding);
    make_fail(app, binding.name, never);
    lua_pop(app.lua(), 1);
  }
  for (const Module& module : api()) {
    push_calls(strategy.lua(), module);
    for (const Function& function : module.functions) {
      if (function.verb.empty()) continue;
      lua_getfield(strategy.lua(), -1, function.name.c_str());
      make_fail(strategy, function.full_name, never);
      lua_pop(strategy.lua(), 1);
    }
    lua_pop(strategy.lua(), 1);
  }
  CHECK(strategy.strangers() == 0);
  CHECK(app.strangers() == 0);
  CHECK(never == std::set<std::string>{"coroutine.isyieldable", "coroutine.running", "table.pack"});
}
