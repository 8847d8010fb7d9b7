#include "vm/api.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>

#include "shunt/duration.hpp"
#include "shunt/schema.hpp"
#include "shunt/secrets.hpp"
#include "vm/error_object.hpp"
#include "vm/library.hpp"
#include "vm/objects.hpp"
#include "vm/state.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

struct Closer {
  void operator()(lua_State* lua) const { lua_close(lua); }
};

Parameter parameter_from(const Value& declared, bool is_option) {
  Parameter parameter;
  parameter.name = declared.at("name");
  parameter.type = declared.at("type");
  parameter.doc = declared.at("doc");
  parameter.sent_as = declared.value("sent_as", parameter.name + (parameter.type == "duration" ? "_ms" : ""));
  parameter.optional = is_option ? !declared.value("needed", false) : declared.value("optional", false);
  return parameter;
}

Function function_from(const Value& declared, const Module& module) {
  Function function;
  function.name = declared.at("name");
  function.full_name = module.globals ? function.name : module.name + (module.object ? ":" : ".") + function.name;
  function.verb = declared.value("verb", "");
  function.doc = declared.at("doc");
  function.returns = declared.value("returns", "");
  function.gives = declared.value("gives", "");
  function.later = declared.value("later", "");
  function.fixed = declared.value("fixed", Value::object());
  for (const auto& one : declared.value("arguments", Value::array()))
    function.arguments.push_back(parameter_from(one, false));
  for (const auto& one : declared.value("options", Value::array()))
    function.options.push_back(parameter_from(one, true));
  return function;
}

Module module_from(const Value& declared) {
  Module module;
  module.name = declared.at("name");
  module.doc = declared.at("doc");
  module.object = declared.value("object", false);
  module.globals = declared.value("globals", false);
  for (const auto& field : declared.value("fields", Value::array()))
    module.fields.push_back({field.at("name"), field.at("gives"), field.at("doc")});
  for (const auto& one : declared.at("functions")) module.functions.push_back(function_from(one, module));
  return module;
}

std::vector<Module> read_api(const char* library) {
  const std::unique_ptr<lua_State, Closer> lua(luaL_newstate());
  set_stateless(lua.get());
  const auto bytecode = library_bytecode(library).value();
  if (luaL_loadbufferx(lua.get(), bytecode.data(), bytecode.size(), "=api", "b") != LUA_OK ||
      lua_pcall(lua.get(), 0, 1, 0) != LUA_OK)
    throw std::logic_error(lua_tostring(lua.get(), -1));
  const auto declared = to_value(lua.get(), -1, "api");
  if (!declared) throw std::logic_error(declared.error().message);
  std::vector<Module> modules;
  for (const auto& one : *declared) modules.push_back(module_from(one));
  return modules;
}

Error wrong(std::string message, std::string remedy = {}) {
  return {"SH1207", Kind::script, std::move(message), std::move(remedy)};
}

std::string words_for(const Parameter& parameter) {
  if (parameter.type == "string") return "a string";
  if (parameter.type == "text") return "a text";
  if (parameter.type == "integer") return "a whole number from 0";
  if (parameter.type == "percent") return "a whole number from 0 to 100";
  if (parameter.type == "number") return "a number";
  if (parameter.type == "boolean") return "true or false";
  if (parameter.type == "duration") return "a duration (like \"250ms\", \"3s\", \"10m\" or a number of seconds)";
  if (parameter.type == "color") return "\"blue\" or \"green\"";
  if (parameter.type == "strings") return "a list of strings";
  if (parameter.type == "variables") return "a table of names and texts or secrets";
  if (parameter.type == "map") return "a table of names and texts";
  if (parameter.type == "fields") return "a table of named values";
  if (parameter.type == "function") return "a function";
  return "a value";
}

bool is_empty_table(const Value& given) {
  return given.is_array() && given.empty();
}

std::optional<Value> fields_of(const Value& given) {
  if (is_empty_table(given)) return Value::object();
  return given.is_object() ? std::optional(given) : std::nullopt;
}

std::optional<Value> whole_between(const Value& given, double low, double high) {
  if (!given.is_number()) return std::nullopt;
  const double number = given.get<double>();
  if (!(number >= low && number <= high) || number != std::floor(number)) return std::nullopt;
  return given.is_number_integer() ? given : Value(static_cast<std::int64_t>(number));
}

std::optional<Value> list_of_strings(const Value& given) {
  if (!given.is_array() || given.empty()) return std::nullopt;
  const bool strings = std::all_of(given.begin(), given.end(), [](const Value& one) { return one.is_string(); });
  return strings ? std::optional<Value>(given) : std::nullopt;
}

std::optional<Value> map_of_texts(const Value& given, bool with_secrets) {
  if (is_empty_table(given)) return Value::object();
  if (!given.is_object()) return std::nullopt;
  Value map = Value::object();
  for (const auto& [name, one] : given.items()) {
    const bool kept = one.is_string() || (with_secrets && is_secret(one));
    if (!kept && (one.is_structured() || one.is_null())) return std::nullopt;
    map[name] = kept ? one : Value(to_text(one));
  }
  return map;
}

// What goes into the Call, or nothing when it is of the wrong type.
std::optional<Value> converted(const Parameter& parameter, const Value& given) {
  const std::string& type = parameter.type;
  if (type == "integer") return whole_between(given, 0, 9e15);
  if (type == "percent") return whole_between(given, 0, 100);
  if (type == "strings") return list_of_strings(given);
  if (type == "map" || type == "variables") return map_of_texts(given, type == "variables");
  if (type == "fields") return fields_of(given);
  if (type == "duration") {
    const auto duration = duration_from(given);
    return duration ? std::optional<Value>(duration->count()) : std::nullopt;
  }
  const bool fits = type == "string"    ? given.is_string()
                    : type == "text"    ? given.is_string() || given.is_number() || given.is_boolean()
                    : type == "number"  ? given.is_number()
                    : type == "boolean" ? given.is_boolean()
                    : type == "color"   ? given == "blue" || given == "green"
                                        : true;
  if (!fits) return std::nullopt;
  if (type == "text" && !given.is_string()) return Value(to_text(given));
  return given;
}

/// Reads the arguments of one call of one function.
class Check {
 public:
  Check(lua_State* lua, const Function& function) : lua_(lua), function_(function), call_(function.fixed) {}

  Result<Value> run(int first);

 private:
  std::optional<Error> self(int index);
  std::optional<Error> read(const Parameter& parameter, int index);
  std::optional<Error> read_options(int index);
  std::optional<Error> read_option_table(int index);
  std::optional<Error> unknown(const std::string& key) const;
  std::optional<Error> unfit(const Parameter& parameter, int index) const;

  lua_State* lua_;
  const Function& function_;
  Value call_;
  std::set<std::string> functions_;
};

Result<Value> Check::run(int first) {
  if (function_.module->object)
    if (auto error = self(first++)) return *error;
  for (const auto& parameter : function_.arguments)
    if (auto error = read(parameter, first++)) return *error;
  if (!function_.options.empty())
    if (auto error = read_options(first++)) return *error;
  for (; first <= lua_gettop(lua_); ++first)
    if (!lua_isnil(lua_, first))
      return wrong(fmt::format("{} got one argument too many: {}", function_.full_name, described(lua_, first)));
  return std::move(call_);
}

std::optional<Error> Check::self(int index) {
  if (is_object(lua_, index, function_.module->name)) {
    if (const auto handle = handle_of(lua_, index)) call_["handle"] = *handle;
    return std::nullopt;
  }
  return wrong(fmt::format("{} was called without its colon", function_.full_name),
               fmt::format("write {}(...)", function_.full_name));
}

std::optional<Error> Check::unfit(const Parameter& parameter, int index) const {
  return wrong(fmt::format("{} wants {} as '{}', got {}", function_.full_name, words_for(parameter), parameter.name,
                           described(lua_, index)),
               fmt::format("'{}': {}", parameter.name, parameter.doc));
}

std::optional<Error> Check::read(const Parameter& parameter, int index) {
  if (lua_isnoneornil(lua_, index)) return parameter.optional ? std::nullopt : unfit(parameter, index);
  if (parameter.type == "function") {
    if (!lua_isfunction(lua_, index)) return unfit(parameter, index);
    functions_.insert(parameter.name);  // stays in Lua: no Call carries it
    return std::nullopt;
  }
  if (parameter.type == "text" && is_error_object(lua_, index)) {
    call_[parameter.sent_as] = to_line(error_of(lua_, index));
    return std::nullopt;
  }
  auto given = to_value(lua_, index, fmt::format("'{}' of {}", parameter.name, function_.full_name));
  if (!given) return std::move(given).error();
  auto value = converted(parameter, *given);
  if (!value) return unfit(parameter, index);
  call_[parameter.sent_as] = std::move(*value);
  return std::nullopt;
}

std::optional<Error> Check::read_options(int index) {
  const bool given = !lua_isnoneornil(lua_, index);
  if (given && !lua_istable(lua_, index))
    return wrong(fmt::format("{} wants a table of options as its last argument, got {}", function_.full_name,
                             described(lua_, index)),
                 fmt::format("write it like {{ {} = ... }}", function_.options.front().name));
  if (given)
    if (auto error = read_option_table(index)) return error;
  for (const auto& parameter : function_.options)
    if (!parameter.optional && !call_.contains(parameter.sent_as) && !functions_.contains(parameter.name))
      return wrong(fmt::format("{} needs the option '{}'", function_.full_name, parameter.name),
                   fmt::format("'{}': {}", parameter.name, parameter.doc));
  return std::nullopt;
}

// The options are read in the order of their names: which of several errors is told must not depend on the process.
std::optional<Error> Check::read_option_table(int index) {
  std::optional<Error> failure;
  std::string failed_key;
  std::int64_t keys = 0;
  for (lua_pushnil(lua_); lua_next(lua_, index) != 0; lua_pop(lua_, 1)) {
    ++keys;
    const bool named = lua_type(lua_, -2) == LUA_TSTRING;
    const std::string key = named ? lua_tostring(lua_, -2) : "";
    if (failure && key >= failed_key) continue;
    const auto known = std::find_if(function_.options.begin(), function_.options.end(),
                                    [&](const Parameter& one) { return one.name == key; });
    std::optional<Error> error;
    if (!named) {
      error = wrong(fmt::format("{} wants named options only", function_.full_name),
                    fmt::format("write it like {{ {} = ... }}", function_.options.front().name));
    } else if (known != function_.options.end()) {
      error = read(*known, lua_gettop(lua_));
    } else {
      error = unknown(key);
    }
    if (error) {
      failure = std::move(error);
      failed_key = key;
    }
  }
  charge(lua_, keys);
  return failure;
}

std::optional<Error> Check::unknown(const std::string& key) const {
  std::vector<std::string> names;
  for (const auto& parameter : function_.options) names.push_back(parameter.name);
  const auto near = nearest(key, names);
  return wrong(
      fmt::format("{} has no option '{}'", function_.full_name, key.substr(0, 80)),
      near.empty() ? fmt::format("it knows: {}", fmt::join(names, ", ")) : fmt::format("did you mean '{}'?", near));
}

Answer call(Arguments& in, const Function& function) {
  auto checked = check_arguments(in.lua(), function, 1);
  if (!checked) return in.fail(std::move(checked).error());
  return in.perform(Call(function.verb, std::move(*checked)));
}

// Upvalue 1: the Function.
int call_trampoline(lua_State* lua) {
  const auto& function = *static_cast<const Function*>(lua_touserdata(lua, lua_upvalueindex(1)));
  Arguments arguments(lua, function.full_name.c_str());
  const Answer answer = call(arguments, function);
  return deliver(lua, answer);
}

}  // namespace

const std::vector<Module>& api() {
  static const std::vector<Module> modules = [] {
    auto all = read_api("api");
    for (auto& module : read_api("tests_api")) {
      module.for_tests = true;
      all.push_back(std::move(module));
    }
    for (auto& module : all)
      for (auto& function : module.functions) function.module = &module;
    return all;
  }();
  return modules;
}

const Module* find_module(std::string_view name) {
  const auto found =
      std::find_if(api().begin(), api().end(), [&](const Module& module) { return module.name == name; });
  return found == api().end() ? nullptr : &*found;
}

const Function* find_function(const Module& module, std::string_view name) {
  const auto& all = module.functions;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Function& function) { return function.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void push_calls(lua_State* lua, const Module& module) {
  lua_createtable(lua, 0, static_cast<int>(module.functions.size()));
  for (const Function& function : module.functions) {
    if (function.verb.empty()) continue;
    lua_pushlightuserdata(lua, const_cast<Function*>(&function));
    lua_pushcclosure(lua, &call_trampoline, 1);
    lua_setfield(lua, -2, function.name.c_str());
  }
}

Result<Value> check_arguments(lua_State* lua, const Function& function, int first) {
  if (lua_checkstack(lua, 16) == 0) return wrong(fmt::format("{} got too many arguments", function.full_name));
  return Check(lua, function).run(first);
}

}  // namespace shunt::lua
