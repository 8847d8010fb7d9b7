#include "vm/script.hpp"

#include <fmt/format.h>

#include "vm/api.hpp"
#include "vm/branches.hpp"
#include "vm/error_object.hpp"
#include "vm/objects.hpp"
#include "vm/places.hpp"
#include "vm/sandbox.hpp"
#include "vm/strategy.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

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

int open_surface(lua_State* lua) {
  open_sandbox(lua, State::of(lua).loader->surface());
  return 0;
}

// Makes the sandbox where errors of Lua are caught. There is none to be expected: memory is not bounded here.
void open(State& state, Loader& loader) {
  const Memory::Unbounded unbounded(state.memory());
  state.loader = &loader;
  lua_pushcfunction(state.lua(), &open_surface);
  if (lua_pcall(state.lua(), 0, 0, 0) != LUA_OK) throw std::logic_error("the sandbox cannot be made");
}

Error not_in_run(Error error) {
  error.control = false;  // nothing runs yet that could be stopped
  return error;
}

// Runs the file's code; what it returns is on top of the thread's stack.
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

}  // namespace

Result<AppFile> load_app_file(std::string name, ReadFile files, ReadEnvironment environment, Watchdog& watchdog) {
  Loader loader(Surface::app, std::move(files), std::move(environment));
  State state(ScriptLimits(), watchdog);
  open(state, loader);
  auto file = loader.read({name});
  if (!file) return std::move(file).error();
  Thread thread(state);
  if (auto error = evaluate(state, thread, **file)) return *error;
  if (!lua_istable(thread.lua(), 1))
    return Error("SH1105", Kind::config, "an app file must return a table", "end it with return { app = \"...\", ... }")
        .at(place_of_key(loader, **file, ""));
  auto table = to_value(thread.lua(), 1, "");
  if (!table) return std::move(table).error().at(place_of_key(loader, **file, ""));
  AppFile app;
  app.table = decode(encode(*table));
  app.sources = loader.sources();
  app.environment = std::move(loader.asked);
  app.warnings = std::move(loader.warnings);
  app.places = places_of_keys(loader, **file);
  return app;
}

LoadedStrategy::LoadedStrategy(ReadFile files, ScriptLimits limits, Watchdog& watchdog)
    : loader_(Surface::strategy, std::move(files), nullptr), state_(std::move(limits), watchdog) {
  open(state_, loader_);
}

Result<std::unique_ptr<Script>> LoadedStrategy::load(std::string name, const Source* bundled, ReadFile files,
                                                     ScriptLimits limits, Watchdog& watchdog) {
  auto script = std::make_unique<LoadedStrategy>(std::move(files), std::move(limits), watchdog);
  if (auto error = script->evaluate(std::move(name), bundled)) return *error;
  return std::unique_ptr<Script>(std::move(script));
}

std::optional<Error> LoadedStrategy::evaluate(std::string name, const Source* bundled) {
  Loader::File* file = nullptr;
  if (bundled != nullptr) {
    file = loader_.add(Source("strategies/" + bundled->name + ".lua", bundled->text));
  } else {
    auto read = loader_.read({name});
    if (!read) return std::move(read).error();
    file = *read;
  }
  Thread thread(state_);
  if (auto error = lua::evaluate(state_, thread, *file)) return error;
  auto info = read_strategy(thread.lua(), loader_, *file);
  if (!info) return std::move(info).error();
  info_ = std::move(*info);
  info_.name = std::move(name);
  const Memory::Unbounded unbounded(state_.memory());
  lua_getfield(thread.lua(), 1, "run");
  lua_rawsetp(thread.lua(), LUA_REGISTRYINDEX, key_of(Slot::run));
  return std::nullopt;
}

Result<Value> LoadedStrategy::options(Value given) const {
  return checked_options(info_.options, given);
}

namespace {

/// What `run` is called with; pushed inside the coroutine, where an error of Lua is caught.
struct Given {
  Value deploy;
  Value options;
};

// Stack: 1 a Given. Leaves the function `run`, the deploy object and the options.
void push_run(lua_State* lua) {
  const auto& given = *static_cast<const Given*>(lua_touserdata(lua, 1));
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::run));
  push_value(lua, given.options);
  push_value(lua, given.deploy);
  lua_pushvalue(lua, -2);
  lua_setfield(lua, -2, "options");
  make_object(lua, *find_module("deploy"));
  lua_insert(lua, -2);
}

int after_run(lua_State*, int, lua_KContext) {
  return 0;
}

int call_run(lua_State* lua) {
  push_run(lua);
  lua_callk(lua, 2, 0, 0, &after_run);
  return 0;
}

}  // namespace

Task<Outcome> LoadedStrategy::run(Performer& performer, Value deploy, Value options) {
  if (ran_) co_return Outcome(Error("SH1217", Kind::script, "a loaded strategy can be run once", "load it again"));
  ran_ = true;
  state_.enter_run();
  Thread thread(state_);
  Given given;
  given.deploy = decode(encode(deploy.is_object() ? deploy : Value::object()));
  given.options = decode(encode(script_options(info_.options, std::move(options))));
  lua_rawgetp(thread.lua(), LUA_REGISTRYINDEX, key_of(Slot::run));
  thread.branch.origin = place_of_function(thread.lua(), -1);
  lua_settop(thread.lua(), 0);
  lua_pushcfunction(thread.lua(), &call_run);
  lua_pushlightuserdata(thread.lua(), &given);
  auto outcome = co_await drive(&state_, &thread.branch, &performer, 1);
  co_return outcome;
}

Task<Outcome> LoadedStrategy::undo(std::string name, Performer& performer) {
  if (state_.doomed()) co_return Outcome(killed_before(name));
  Thread thread(state_);
  lua_State* const lua = thread.lua();
  {
    const Memory::Unbounded unbounded(state_.memory());
    lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::undo));
    lua_pushlstring(lua, name.data(), name.size());
    lua_rawget(lua, -2);
  }
  if (!lua_isfunction(lua, -1)) co_return Outcome(killed_before(name));
  thread.branch.origin = place_of_function(lua, -1);
  lua_insert(lua, 1);
  lua_settop(lua, 1);
  state_.budget().renew();
  auto outcome = co_await drive(&state_, &thread.branch, &performer, 0);
  co_return outcome;
}

}  // namespace shunt::lua
