// What every load begins with: a sandbox, and a file that is evaluated in it.
#pragma once

#include <lua.hpp>
#include <optional>

#include "vm/files.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

/// A thread of the state for as long as this lives. The host's own work with Lua is never refused memory.
class Thread {
 public:
  explicit Thread(State& state) : state_(state) {
    const Memory::Unbounded unbounded(state.memory());
    branch.thread = lua_newthread(state.lua());
    reference_ = luaL_ref(state.lua(), LUA_REGISTRYINDEX);
  }
  ~Thread() { luaL_unref(state_.lua(), LUA_REGISTRYINDEX, reference_); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  lua_State* lua() const { return branch.thread; }

  Branch branch;

 private:
  State& state_;
  int reference_;
};

/// Makes the sandbox of the loader's surface. There is no error of Lua to be expected: memory is not bounded here.
void open(State& state, Loader& loader);

/// Calls the function that was registered under that name; both outlive it. SH1290 where there is none any more.
Task<Outcome> call_undo(State* state, std::string name, Performer* performer);
Error killed_before(const std::string& name);

/// Runs the file's code; what it returns is on top of the thread's stack.
std::optional<Error> evaluate(State& state, Thread& thread, Loader::File& file);

}  // namespace shunt::lua
