// Lua and C++ coroutines together: the host resumes a branch of the script, awaits what it performs, and joins what it
// forks.
#pragma once

#include "shunt/script.hpp"
#include "vm/binding.hpp"
#include "vm/state.hpp"

namespace shunt::lua {

/// Runs `branch` until its function has returned (an Outcome without value; results are on its thread's stack), failed,
/// or ended with a control error. The function lies on the thread's stack with `arguments` values above it. Everything
/// is awaited on the executor of whoever awaits this. `state`, `branch` and `performer` must outlive it.
Task<Outcome> drive(State* state, Branch* branch, Performer* performer, int arguments);

/// How many functions may run at the same time in one fork, and how many forks may lie inside each other.
constexpr lua_Integer most_children = 1000;
constexpr int deepest_fork = 50;

/// fork(kind, functions): "all" gives a list of first results; "race" the winner's number and its first result.
int fork(lua_State* lua);

}  // namespace shunt::lua
