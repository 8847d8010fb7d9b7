#include "vm/live_prompt.hpp"

#include "vm/api.hpp"
#include "vm/branches.hpp"
#include "vm/error_object.hpp"
#include "vm/objects.hpp"
#include "vm/printing.hpp"
#include "vm/sandbox.hpp"
#include "vm/value.hpp"
#include "vm/words.hpp"

namespace shunt::lua {

namespace {

constexpr const char* chunk_name = "@prompt";
constexpr std::string_view end_of_text = "<eof>";
char variables_target;

/// What the prompt's table of variables begins with.
struct Beginning {
  const Value* deploy;
  bool with_world;
};

// Stack: 1 a Beginning. Makes the table in which names that are assigned live; others are found in the sandbox behind
// it.
int make_variables(lua_State* lua) {
  const auto& beginning = *static_cast<const Beginning*>(lua_touserdata(lua, 1));
  lua_createtable(lua, 0, 8);
  push_value(lua, *beginning.deploy);
  make_object(lua, *find_module("deploy"));
  lua_setfield(lua, -2, "deploy");
  if (beginning.with_world) {
    lua_createtable(lua, 0, 1);
    lua_pushinteger(lua, 1);
    lua_setfield(lua, -2, "handle");
    make_object(lua, *find_module("world"));
    lua_setfield(lua, -2, "world");
  }
  lua_createtable(lua, 0, 1);
  push_environment(lua);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &variables_target);
  return 0;
}

// As a person reads it: what a table holds, not its number.
std::string shown(const Value& value) {
  if (value.is_null()) return "nil";
  if (value.is_string()) return "\"" + value.get<std::string>() + "\"";
  if (!value.is_structured()) return to_text(value);
  std::string text;
  for (const auto& [key, item] : value.items())
    text += (text.empty() ? "" : ", ") + (value.is_object() ? key + " = " : std::string()) + shown(item);
  return text.empty() ? "{}" : "{ " + text + " }";
}

int print_one(lua_State* lua) {
  push_printed(lua, 1);
  return 1;
}

std::string printed(lua_State* lua, int index) {
  if (lua_istable(lua, index) && !is_error_object(lua, index))
    if (const auto value = to_value(lua, index, "the value"); value) return shown(*value);
  if (lua_type(lua, index) == LUA_TSTRING) return shown(Value(std::string(lua_tostring(lua, index))));
  lua_pushcfunction(lua, &print_one);
  lua_pushvalue(lua, index);
  std::string text = lua_pcall(lua, 1, 1, 0) == LUA_OK ? lua_tostring(lua, -1) : "?";
  lua_pop(lua, 1);
  return text;
}

}  // namespace

LivePrompt::LivePrompt(const Value& deploy, bool with_world, Watchdog& watchdog)
    : loader_(
          Surface::strategy, [](const std::string&) { return std::nullopt; }, nullptr),
      state_(ScriptLimits(), watchdog) {
  open(state_, loader_);
  const Memory::Unbounded unbounded(state_.memory());
  Beginning beginning{&deploy, with_world};
  lua_pushcfunction(state_.lua(), &make_variables);
  lua_pushlightuserdata(state_.lua(), &beginning);
  if (lua_pcall(state_.lua(), 1, 0, 0) != LUA_OK) throw std::logic_error("the prompt cannot be made");
  state_.enter_run();
}

// An expression gives its value; what is none is a statement.
std::optional<Error> LivePrompt::compile(lua_State* thread, const std::string& text) {
  const auto expression = "return " + text;
  if (luaL_loadbufferx(thread, expression.data(), expression.size(), chunk_name, "t") != LUA_OK) {
    lua_pop(thread, 1);
    if (luaL_loadbufferx(thread, text.data(), text.size(), chunk_name, "t") != LUA_OK) {
      const auto plain = plain_syntax(lua_tostring(thread, -1));
      return Error("SH1101", Kind::script, plain.message, plain.remedy);
    }
  }
  lua_rawgetp(thread, LUA_REGISTRYINDEX, &variables_target);
  lua_setupvalue(thread, -2, 1);
  return std::nullopt;
}

// Neither an expression nor a statement yet, and one of the two only for want of more.
bool LivePrompt::is_open(const std::string& text) {
  Thread thread(state_);
  lua_State* const lua = thread.lua();
  const Memory::Unbounded unbounded(state_.memory());
  bool wants_more = false;
  for (const auto& whole : {"return " + text, text}) {
    if (luaL_loadbufferx(lua, whole.data(), whole.size(), chunk_name, "t") == LUA_OK) return false;
    wants_more = wants_more || std::string_view(lua_tostring(lua, -1)).ends_with(end_of_text);
  }
  return wants_more;
}

Task<Outcome> LivePrompt::evaluate(std::string text, Performer& performer) {
  if (state_.doomed()) co_return Outcome(state_.verdict());
  Thread thread(state_);
  lua_State* const lua = thread.lua();
  {
    const Memory::Unbounded unbounded(state_.memory());
    if (auto error = compile(lua, text)) co_return Outcome(std::move(*error));
  }
  thread.branch.origin = Where{"prompt", 1};
  state_.budget().renew();
  auto outcome = co_await drive(&state_, &thread.branch, &performer, 0);
  if (!outcome.ok()) co_return outcome;
  Value values = Value::array();
  const Memory::Unbounded unbounded(state_.memory());
  for (int index = 1; index <= lua_gettop(lua); ++index) values.push_back(printed(lua, index));
  co_return Outcome(std::move(values));
}

}  // namespace shunt::lua
