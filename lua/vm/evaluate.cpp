#include "vm/evaluate.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

#include "vm/branches.hpp"
#include "vm/places.hpp"
#include "vm/sandbox.hpp"

namespace shunt::lua {

namespace {

int open_surface(lua_State* lua) {
  open_sandbox(lua, State::of(lua).loader->surface());
  return 0;
}

Error not_in_run(Error error) {
  error.control = false;  // nothing runs yet that could be stopped
  return error;
}

}  // namespace

void open(State& state, Loader& loader) {
  const Memory::Unbounded unbounded(state.memory());
  state.loader = &loader;
  lua_pushcfunction(state.lua(), &open_surface);
  if (lua_pcall(state.lua(), 0, 0, 0) != LUA_OK) throw std::logic_error("the sandbox cannot be made");
}

std::optional<Error> evaluate(State& state, Thread& thread, Loader::File& file) {
  state.file = file.source.name;
  auto pushed = push_chunk(thread.lua(), file);
  if (!pushed) return not_in_run(std::move(pushed).error());
  thread.branch.origin = Where{file.source.name, 0};
  const Step step = state.resume(thread.branch);
  if (step == Step::ended) {
    lua_settop(thread.lua(), std::min(lua_gettop(thread.lua()), 1));
    return std::nullopt;
  }
  if (step == Step::failed) return *thread.branch.failure;
  return not_in_run(state.verdict());
}

Error killed_before(const std::string& name) {
  return {"SH1290", Kind::script, fmt::format("the undo function '{}' can no longer be called", name),
          "undo by hand what it would have undone"};
}

Task<Outcome> call_undo(State* state, std::string name, Performer* performer) {
  if (state->doomed()) co_return Outcome(killed_before(name));
  Thread thread(*state);
  lua_State* const lua = thread.lua();
  {
    const Memory::Unbounded unbounded(state->memory());
    lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::undo));
    lua_pushlstring(lua, name.data(), name.size());
    lua_rawget(lua, -2);
  }
  if (!lua_isfunction(lua, -1)) co_return Outcome(killed_before(name));
  thread.branch.origin = place_of_function(lua, -1);
  lua_insert(lua, 1);
  lua_settop(lua, 1);
  state->budget().renew();
  auto outcome = co_await drive(state, &thread.branch, performer, 0);
  co_return outcome;
}

}  // namespace shunt::lua
