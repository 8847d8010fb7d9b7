#include "vm/test_file.hpp"

#include "vm/branches.hpp"
#include "vm/error_object.hpp"
#include "vm/places.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

enum Part : lua_Integer { kind = 1, name = 2, function = 3 };

// Pushes a part of what the file gave as that number.
void push_kept(lua_State* lua, std::int64_t number, Part part) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::kept));
  lua_rawgeti(lua, -1, number);
  lua_rawgeti(lua, -1, part);
  lua_replace(lua, -3);
  lua_pop(lua, 1);
}

std::string text_kept(lua_State* lua, std::int64_t number, Part part) {
  push_kept(lua, number, part);
  std::string text = lua_tostring(lua, -1);
  lua_pop(lua, 1);
  return text;
}

Value results_of(lua_State* lua, int first, Result<void>& fine) {
  Value results = Value::array();
  for (int index = first; index <= lua_gettop(lua) && fine; ++index) {
    auto value = to_value(lua, index, "what the function returns");
    if (value)
      results.push_back(std::move(*value));
    else
      fine = value.error();
  }
  return results;
}

}  // namespace

LoadedTests::LoadedTests(ReadFile files, ScriptLimits limits, Watchdog& watchdog)
    : loader_(Surface::test, std::move(files), nullptr), state_(std::move(limits), watchdog) {
  open(state_, loader_);
}

Result<std::unique_ptr<TestFile>> LoadedTests::load(std::string name, ReadFile files, ScriptLimits limits,
                                                    Watchdog& watchdog) {
  auto tests = std::make_unique<LoadedTests>(std::move(files), std::move(limits), watchdog);
  if (auto error = tests->evaluate(name)) return *error;
  return std::unique_ptr<TestFile>(std::move(tests));
}

std::optional<Error> LoadedTests::evaluate(const std::string& name) {
  auto read = loader_.read({name});
  if (!read) return std::move(read).error();
  Thread thread(state_);
  if (auto error = lua::evaluate(state_, thread, **read)) return error;
  read_kept();
  state_.enter_run();
  return std::nullopt;
}

void LoadedTests::read_kept() {
  const Memory::Unbounded unbounded(state_.memory());
  lua_State* const lua = state_.lua();
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::kept));
  const auto count = static_cast<std::int64_t>(lua_rawlen(lua, -1));
  lua_pop(lua, 1);
  for (std::int64_t number = 1; number <= count; ++number) {
    const auto what = text_kept(lua, number, Part::kind);
    if (what == "before_each") before_each_.push_back(number);
    if (what == "invariant") invariants_.push_back({text_kept(lua, number, Part::name), number});
    if (what != "test") continue;
    push_kept(lua, number, Part::function);
    tests_.push_back({text_kept(lua, number, Part::name), place_of_function(lua, -1)});
    functions_.push_back(number);
    lua_pop(lua, 1);
  }
}

Task<Outcome> LoadedTests::run_kept(std::int64_t function, Performer* performer) {
  Thread thread(state_);
  {
    const Memory::Unbounded unbounded(state_.memory());
    push_kept(thread.lua(), function, Part::function);
  }
  thread.branch.origin = place_of_function(thread.lua(), -1);
  state_.budget().renew();
  auto outcome = co_await drive(&state_, &thread.branch, performer, 0);
  co_return outcome;
}

Task<Outcome> LoadedTests::run(std::size_t index, Performer& performer) {
  for (const auto function : before_each_) {
    auto prepared = co_await run_kept(function, &performer);
    if (!prepared.ok()) co_return prepared;
  }
  auto outcome = co_await run_kept(functions_.at(index), &performer);
  co_return outcome;
}

// It runs in a thread of its own, and may not wait for anything.
Result<Value> LoadedTests::call(std::int64_t number, Value argument) {
  Branch* const waiting = state_.branch;
  Thread thread(state_);
  lua_State* const lua = thread.lua();
  {
    const Memory::Unbounded unbounded(state_.memory());
    push_kept(lua, number, Part::function);
    push_value(lua, canonical(std::move(argument)));
  }
  thread.branch.origin = place_of_function(lua, -2);
  state_.budget().renew();
  const Step step = state_.resume(thread.branch, 1);
  state_.branch = waiting;
  if (step == Step::failed) return *thread.branch.failure;
  if (step == Step::doomed) return state_.verdict();
  if (step != Step::ended)
    return Error("SH1205", Kind::script, "this function is asked while the deployment waits, so it cannot wait itself",
                 "make the call outside, and use its result here")
        .at(thread.branch.origin);
  Result<void> fine;
  auto results = results_of(lua, 1, fine);
  if (!fine) return fine.error();
  return results;
}

}  // namespace shunt::lua
