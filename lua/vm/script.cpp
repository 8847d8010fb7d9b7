#include "vm/script.hpp"

#include <fmt/format.h>

#include "vm/api.hpp"
#include "vm/branches.hpp"
#include "vm/error_object.hpp"
#include "vm/evaluate.hpp"
#include "vm/lint.hpp"
#include "vm/objects.hpp"
#include "vm/places.hpp"
#include "vm/strategy.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

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

LoadedStrategy::LoadedStrategy(ReadFile files, ScriptLimits limits, Watchdog& watchdog, Compiled& compiled)
    : loader_(Surface::strategy, std::move(files), nullptr, &compiled), state_(std::move(limits), watchdog) {
  open(state_, loader_);
}

Result<std::unique_ptr<Script>> LoadedStrategy::load(std::string name, const Source* bundled, ReadFile files,
                                                     ScriptLimits limits, Watchdog& watchdog, Compiled& compiled) {
  auto script = std::make_unique<LoadedStrategy>(std::move(files), std::move(limits), watchdog, compiled);
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

std::vector<Error> LoadedStrategy::remarks() const {
  const auto& main = loader_.files().front().source;
  return lint(main.name, main.text, info_.options);
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
  return call_undo(&state_, std::move(name), &performer);
}

}  // namespace shunt::lua
