#include "vm/coroutines.hpp"

#include <algorithm>
#include <array>

#include "vm/error_object.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

namespace {

constexpr int coroutine_index = 1;

enum class Status { suspended, running, normal, dead };

// One that waits for a perform's answer is "normal" for everybody who sees it meanwhile: it will be resumed by the
// host.
Status status_of(lua_State* lua, lua_State* thread) {
  if (lua == thread) return Status::running;
  if (is_waiting(thread)) return Status::normal;
  if (lua_status(thread) == LUA_YIELD) return Status::suspended;
  if (lua_status(thread) != LUA_OK) return Status::dead;
  lua_Debug record{};
  if (lua_getstack(thread, 0, &record) != 0) return Status::normal;
  return lua_gettop(thread) == 0 ? Status::dead : Status::suspended;
}

const char* name_of(Status status) {
  static constexpr std::array<const char*, 4> names = {"suspended", "running", "normal", "dead"};
  return names.at(static_cast<std::size_t>(status));
}

/// Whether the caller wants errors as results (resume) or raised (wrap).
enum class Mode { resume, wrap };

int drive(lua_State* lua, lua_State* thread, int arguments, Mode mode);

// Index 1 of the stack is the coroutine.
template <Mode mode>
int after_answer(lua_State* lua, int, lua_KContext) {
  set_waiting(lua, false);
  return drive(lua, lua_tothread(lua, coroutine_index), 0, mode);
}

// Lets a perform of the coroutine through to whoever resumed this one.
int forward(lua_State* lua, lua_State* thread, int results, Mode mode) {
  lua_pop(thread, results);
  set_waiting(lua, true);
  lua_pushlightuserdata(lua, wait_signal());
  return lua_yieldk(lua, 1, 0, mode == Mode::resume ? &after_answer<Mode::resume> : &after_answer<Mode::wrap>);
}

int give_results(lua_State* lua, lua_State* thread, int results, Mode mode) {
  if (lua_checkstack(lua, results + 1) == 0) {
    lua_pop(thread, results);
    return raise(lua, "SH1208", "the coroutine gives too many values", "give them in a table");
  }
  if (mode == Mode::resume) lua_pushboolean(lua, 1);
  lua_xmove(thread, lua, results);
  return mode == Mode::resume ? results + 1 : results;
}

int give_failure(lua_State* lua, Mode mode) {
  State& state = State::of(lua);
  if (mode == Mode::wrap) return raise(lua);
  lua_pushboolean(lua, 0);
  push_error(lua, *state.outbox.error);
  state.outbox.error.reset();
  return 2;
}

int drive(lua_State* lua, lua_State* thread, int arguments, Mode mode) {
  State& state = State::of(lua);
  Resumer resumer{lua, thread, state.resumer};
  state.resumer = &resumer;
  int results = 0;
  const int status = lua_resume(thread, lua, arguments, &results);
  if (status == LUA_ERRMEM) state.memory().exceed();
  if (!state.doomed() && status != LUA_OK && status != LUA_YIELD) {
    if (is_error_object(thread, -1)) {
      state.resumer = resumer.previous;
      if (mode == Mode::resume) lua_pushboolean(lua, 0);
      lua_xmove(thread, lua, 1);
      return mode == Mode::resume ? 2 : lua_error(lua);
    }
    state.outbox.error = error_of(thread, -1);
  }
  state.resumer = resumer.previous;
  if (state.doomed()) return stop(lua);
  if (status == LUA_YIELD && results == 1 && lua_touserdata(thread, -1) == wait_signal())
    return forward(lua, thread, results, mode);
  if (status == LUA_OK || status == LUA_YIELD) return give_results(lua, thread, results, mode);
  return give_failure(lua, mode);
}

int start(lua_State* lua, lua_State* thread, Mode mode) {
  const int arguments = lua_gettop(lua) - 1;
  const Status status = status_of(lua, thread);
  if (status != Status::suspended) {
    State::of(lua).outbox.error =
        Error("SH1203", Kind::script, std::string("a coroutine that is ") + name_of(status) + " cannot be resumed",
              "look at coroutine.status first");
    return give_failure(lua, mode);
  }
  if (lua_checkstack(thread, arguments) == 0)
    return raise(lua, "SH1208", "too many values for one coroutine", "pass a table");
  lua_xmove(lua, thread, arguments);
  return drive(lua, thread, arguments, mode);
}

// Pushes a new coroutine that will run the function at `function`.
bool push_coroutine(lua_State* lua, int function) {
  if (!State::of(lua).spend(hook_period)) return false;
  lua_State* thread = lua_newthread(lua);
  lua_pushvalue(lua, function);
  lua_xmove(lua, thread, 1);
  return true;
}

int coroutine_create(lua_State* lua) {
  if (!lua_isfunction(lua, 1)) return refuse_argument(lua, "coroutine.create", 1, "a function");
  return push_coroutine(lua, 1) ? 1 : stop(lua);
}

int coroutine_resume(lua_State* lua) {
  lua_State* thread = lua_tothread(lua, coroutine_index);
  if (thread == nullptr) return refuse_argument(lua, "coroutine.resume", 1, "a coroutine");
  return start(lua, thread, Mode::resume);
}

// Upvalue 1: the coroutine.
int wrapped(lua_State* lua) {
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, coroutine_index);
  return start(lua, lua_tothread(lua, coroutine_index), Mode::wrap);
}

int coroutine_wrap(lua_State* lua) {
  if (!lua_isfunction(lua, 1)) return refuse_argument(lua, "coroutine.wrap", 1, "a function");
  if (!push_coroutine(lua, 1)) return stop(lua);
  lua_pushcclosure(lua, &wrapped, 1);
  return 1;
}

bool in_own_coroutine(lua_State* lua) {
  const Resumer* resumer = State::of(lua).resumer;
  return resumer != nullptr && resumer->inner == lua;
}

int coroutine_yield(lua_State* lua) {
  if (!in_own_coroutine(lua))
    return raise(lua, "SH1206", "coroutine.yield works only inside a coroutine of your own",
                 "use clock.sleep to wait; to yield, run the function with coroutine.wrap");
  if (!lua_isyieldable(lua))
    return raise(lua, "SH1206", "a coroutine cannot yield inside a function that is called from gsub or tostring",
                 "yield outside of it");
  return lua_yield(lua, lua_gettop(lua));
}

int coroutine_close(lua_State* lua) {
  lua_State* thread = lua_tothread(lua, coroutine_index);
  if (thread == nullptr) return refuse_argument(lua, "coroutine.close", 1, "a coroutine");
  const Status status = status_of(lua, thread);
  if (status == Status::running || status == Status::normal)
    return raise(lua, "SH1203", "only a suspended or dead coroutine can be closed", "look at coroutine.status first");
  if (lua_resetthread(thread) == LUA_OK) {
    lua_pushboolean(lua, 1);
    return 1;
  }
  lua_pushboolean(lua, 0);
  lua_xmove(thread, lua, 1);
  return 2;
}

int coroutine_status(lua_State* lua) {
  lua_State* thread = lua_tothread(lua, coroutine_index);
  if (thread == nullptr) return refuse_argument(lua, "coroutine.status", 1, "a coroutine");
  lua_pushstring(lua, name_of(status_of(lua, thread)));
  return 1;
}

int coroutine_isyieldable(lua_State* lua) {
  lua_State* thread = lua_tothread(lua, coroutine_index);
  if (thread == nullptr) thread = lua;
  lua_pushboolean(lua, thread == lua ? in_own_coroutine(lua) && lua_isyieldable(lua) : lua_isyieldable(thread));
  return 1;
}

int coroutine_running(lua_State* lua) {
  lua_pushthread(lua);
  lua_pushboolean(lua, in_own_coroutine(lua) ? 0 : 1);
  return 2;
}

// Stack of a protected call: 1 the message handler, then results or the error.
int after_pcall(lua_State* lua, int status, lua_KContext) {
  State& state = State::of(lua);
  if (status == LUA_ERRMEM) state.memory().exceed();
  if (state.doomed()) return stop(lua);
  const bool succeeded = status == LUA_OK || status == LUA_YIELD;
  if (status == LUA_ERRERR) {
    state.outbox.error = error_of(lua, -1);
    push_error(lua, *state.outbox.error);
    state.outbox.error.reset();
    lua_replace(lua, -2);
  }
  lua_pushboolean(lua, succeeded ? 1 : 0);
  lua_replace(lua, 1);
  return succeeded ? lua_gettop(lua) : 2;
}

int base_pcall(lua_State* lua) {
  if (lua_gettop(lua) == 0) return refuse_argument(lua, "pcall", 1, "a function");
  lua_pushcfunction(lua, &describe_error);
  lua_insert(lua, 1);
  const int status = lua_pcallk(lua, lua_gettop(lua) - 2, LUA_MULTRET, 1, 0, &after_pcall);
  return after_pcall(lua, status, 0);
}

// Upvalue 1: the script's handler. It does not run for an error that the hook raises, a kill above all: hooks would be
// off.
int guarded_handler(lua_State* lua) {
  State& state = State::of(lua);
  if (state.doomed() || state.raised_by_hook() || lua_type(lua, 1) == LUA_TLIGHTUSERDATA) return 1;
  lua_settop(lua, 1);
  describe_error(lua);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, -2);
  lua_call(lua, 1, 1);
  return 1;
}

int base_xpcall(lua_State* lua) {
  if (lua_gettop(lua) == 0) return refuse_argument(lua, "xpcall", 1, "a function");
  if (!lua_isfunction(lua, 2)) return refuse_argument(lua, "xpcall", 2, "a function");
  lua_pushvalue(lua, 2);
  lua_pushcclosure(lua, &guarded_handler, 1);
  lua_replace(lua, 2);
  lua_pushvalue(lua, 1);
  lua_pushvalue(lua, 2);
  lua_replace(lua, 1);
  lua_replace(lua, 2);
  const int status = lua_pcallk(lua, lua_gettop(lua) - 2, LUA_MULTRET, 1, 0, &after_pcall);
  return after_pcall(lua, status, 0);
}

// Makes the error object of what the script raised, so that it tells the line of `level`.
int raise_raised(lua_State* lua, int level) {
  if (is_error_object(lua, 1)) {
    lua_settop(lua, 1);
    return lua_error(lua);
  }
  State::of(lua).outbox.error = raised_error(lua, 1, level);
  push_raised(lua, 1);
  return lua_error(lua);
}

int base_error(lua_State* lua) {
  const int level =
      lua_isinteger(lua, 2) != 0 ? static_cast<int>(std::min<lua_Integer>(lua_tointeger(lua, 2), 100)) : 1;
  lua_settop(lua, 1);
  return raise_raised(lua, std::max(level, 1));
}

int base_assert(lua_State* lua) {
  if (lua_gettop(lua) == 0) return refuse_argument(lua, "assert", 1, "a value");
  if (lua_toboolean(lua, 1) != 0) return lua_gettop(lua);
  lua_settop(lua, 2);
  if (lua_isnil(lua, 2)) {
    lua_pushliteral(lua, "assertion failed");
    lua_replace(lua, 2);
  }
  lua_remove(lua, 1);
  return raise_raised(lua, 1);
}

}  // namespace

Bindings coroutine_bindings() {
  static constexpr Binding bindings[] = {
      {"coroutine.create", nullptr, &coroutine_create},
      {"coroutine.resume", nullptr, &coroutine_resume},
      {"coroutine.wrap", nullptr, &coroutine_wrap},
      {"coroutine.yield", nullptr, &coroutine_yield},
      {"coroutine.close", nullptr, &coroutine_close},
      {"coroutine.status", nullptr, &coroutine_status},
      {"coroutine.isyieldable", nullptr, &coroutine_isyieldable},
      {"coroutine.running", nullptr, &coroutine_running},
  };
  return bindings;
}

Bindings protected_bindings() {
  static constexpr Binding bindings[] = {
      {"pcall", nullptr, &base_pcall},
      {"xpcall", nullptr, &base_xpcall},
      {"error", nullptr, &base_error},
      {"assert", nullptr, &base_assert},
  };
  return bindings;
}

}  // namespace shunt::lua
