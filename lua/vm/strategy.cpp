#include "vm/strategy.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <cmath>

#include "shunt/duration.hpp"
#include "shunt/schema.hpp"
#include "shunt/secrets.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

constexpr std::array<const char*, 7> option_types = {"duration", "number",   "integer", "string",
                                                     "boolean",  "percents", "list"};

const std::vector<std::string>& strategy_keys() {
  static const std::vector<std::string> keys = {"api", "summary", "options", "run", "downtime"};
  return keys;
}

const std::vector<std::string>& option_keys() {
  static const std::vector<std::string> keys = {"type", "default", "doc"};
  return keys;
}

/// Reads one strategy table and says where in the text a complaint belongs.
class Reader {
 public:
  Reader(lua_State* thread, const Loader& loader, const Loader::File& file)
      : lua_(thread), loader_(loader), file_(file) {}

  Result<StrategyInfo> run();

 private:
  Error wrong(const char* code, std::string message, std::string remedy, const std::string& path) const {
    return Error(code, Kind::config, std::move(message), std::move(remedy)).at(place_of_key(loader_, file_, path));
  }
  std::optional<Error> check_keys() const;
  Result<Value> member(const char* key, const std::string& path) const;
  int push_member(const char* key) const;
  std::optional<Error> read_api(StrategyInfo& info) const;
  std::optional<Error> read_options(StrategyInfo& info) const;
  std::optional<Error> check_option(const std::string& name, const Value& option) const;

  lua_State* lua_;
  const Loader& loader_;
  const Loader::File& file_;
};

std::string unknown_hint(const std::string& key, const std::vector<std::string>& known) {
  const auto near = nearest(key, known);
  return near.empty() ? fmt::format("known are: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", near);
}

int Reader::push_member(const char* key) const {
  for (lua_pushnil(lua_); lua_next(lua_, -2) != 0; lua_pop(lua_, 1)) {
    if (lua_type(lua_, -2) != LUA_TSTRING || lua_tostring(lua_, -2) != std::string_view(key)) continue;
    lua_remove(lua_, -2);
    return lua_type(lua_, -1);
  }
  lua_pushnil(lua_);
  return LUA_TNIL;
}

Result<Value> Reader::member(const char* key, const std::string& path) const {
  push_member(key);
  auto value = to_value(lua_, -1, path);
  lua_pop(lua_, 1);
  if (value) return value;
  return wrong("SH1105", value.error().message, value.error().remedy, path);
}

std::optional<Error> Reader::check_keys() const {
  std::optional<std::string> unknown;
  for (lua_pushnil(lua_); lua_next(lua_, -2) != 0; lua_pop(lua_, 1)) {
    const std::string key = lua_type(lua_, -2) == LUA_TSTRING ? lua_tostring(lua_, -2) : described(lua_, -2);
    const auto& known = strategy_keys();
    if (std::find(known.begin(), known.end(), key) == known.end() && (!unknown || key < *unknown)) unknown = key;
  }
  if (!unknown) return std::nullopt;
  return wrong("SH1107", fmt::format("a strategy has no key '{}'", unknown->substr(0, 80)),
               unknown_hint(*unknown, strategy_keys()), *unknown);
}

std::optional<Error> Reader::read_api(StrategyInfo& info) const {
  const auto version = member("api", "api");
  if (!version) return version.error();
  if (*version != 1)
    return wrong("SH1106",
                 version->is_null()
                     ? "the strategy does not say which version of the API it is written for"
                     : fmt::format("the strategy is written for version {} of the API", to_text(*version)),
                 "this shunt has version 1: write `api = 1`", "api");
  info.api = 1;
  return std::nullopt;
}

std::optional<Error> Reader::check_option(const std::string& name, const Value& option) const {
  const std::string path = "options." + name;
  if (!option.is_object())
    return wrong("SH1108", fmt::format("the option '{}' must be a table", name),
                 "write it like { type = \"duration\", default = \"60s\", doc = \"...\" }", path);
  for (const auto& [key, value] : option.items()) {
    const auto& known = option_keys();
    if (std::find(known.begin(), known.end(), key) == known.end())
      return wrong("SH1108", fmt::format("the option '{}' has the unknown key '{}'", name, key),
                   unknown_hint(key, known), path + "." + key);
  }
  const std::string type =
      option.contains("type") && option["type"].is_string() ? option["type"].get<std::string>() : "";
  if (std::find(option_types.begin(), option_types.end(), type) == option_types.end())
    return wrong("SH1108", fmt::format("the option '{}' has no known type", name),
                 fmt::format("types are: {}", fmt::join(option_types, ", ")), path);
  if (!option.value("doc", Value("")).is_string())
    return wrong("SH1108", fmt::format("the doc of the option '{}' must be a string", name), "", path + ".doc");
  const Value declared = {{name, option}};
  const auto checked = checked_options(declared, Value::object());
  if (!checked)
    return wrong("SH1108", fmt::format("the default of the option '{}' does not fit its type {}", name, type),
                 checked.error().remedy, path + ".default");
  return std::nullopt;
}

std::optional<Error> Reader::read_options(StrategyInfo& info) const {
  auto options = member("options", "options");
  if (!options) return options.error();
  if (options->is_null() || (options->is_array() && options->empty())) *options = Value::object();
  if (!options->is_object())
    return wrong("SH1105", "the strategy's options must be a table of named options",
                 "write options = { soak = { ... } }", "options");
  for (const auto& [name, option] : options->items())
    if (auto error = check_option(name, option)) return error;
  info.options = std::move(*options);
  return std::nullopt;
}

Result<StrategyInfo> Reader::run() {
  const std::string remedy =
      "end the file with return { api = 1, summary = \"...\", run = function(deploy, options) ... end }";
  if (!lua_istable(lua_, -1)) return wrong("SH1105", "a strategy must return a table", remedy, "");
  StrategyInfo info;
  if (auto error = check_keys()) return *error;
  if (auto error = read_api(info)) return *error;
  const auto summary = member("summary", "summary");
  if (!summary) return summary.error();
  if (!summary->is_string())
    return wrong("SH1105", "a strategy needs a summary, one sentence about what it does", "write summary = \"...\"",
                 "summary");
  info.summary = *summary;
  const auto downtime = member("downtime", "downtime");
  if (!downtime) return downtime.error();
  if (!downtime->is_null() && !downtime->is_boolean())
    return wrong("SH1105", "downtime must be true or false", "write downtime = true, or leave it out", "downtime");
  info.downtime = downtime->is_boolean() && downtime->get<bool>();
  if (auto error = read_options(info)) return *error;
  const bool runs = push_member("run") == LUA_TFUNCTION;
  lua_pop(lua_, 1);
  if (!runs) return wrong("SH1105", "a strategy needs a function 'run'", remedy, "run");
  return info;
}

std::optional<double> number_of(const Value& given) {
  if (given.is_number()) return given.get<double>();
  if (!given.is_string()) return std::nullopt;
  const auto& text = given.get_ref<const std::string&>();
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Value> integer_of(const Value& given) {
  if (given.is_number_integer()) return given;
  const auto number = number_of(given);
  if (!number || *number != std::floor(*number) || std::fabs(*number) > 9e15) return std::nullopt;
  return Value(static_cast<std::int64_t>(*number));
}

std::vector<Value> split(const std::string& text) {
  std::vector<Value> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto comma = std::min(text.find(',', begin), text.size());
    std::string part = text.substr(begin, comma - begin);
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    part.erase(part.find_last_not_of(' ') + 1);
    parts.emplace_back(part);
    begin = comma + 1;
  }
  return parts;
}

std::optional<Value> percents_of(const Value& given) {
  const Value list = given.is_string() ? Value(split(given)) : given;
  if (!list.is_array() || list.empty()) return std::nullopt;
  Value percents = Value::array();
  for (const auto& one : list) {
    const auto percent = integer_of(one);
    if (!percent || *percent < 0 || *percent > 100) return std::nullopt;
    percents.push_back(*percent);
  }
  return percents;
}

std::optional<Value> boolean_of(const Value& given) {
  if (given.is_boolean()) return given;
  if (given == "true") return Value(true);
  if (given == "false") return Value(false);
  return std::nullopt;
}

// `--set` gives strings, so every type can be read from one, too.
std::optional<Value> converted(const std::string& type, const Value& given) {
  if (type == "integer") return integer_of(given);
  if (type == "percents") return percents_of(given);
  if (type == "boolean") return boolean_of(given);
  if (type == "string") return given.is_string() || is_secret(given) ? std::optional(given) : std::nullopt;
  if (type == "number") {
    if (given.is_number()) return given;
    const auto number = number_of(given);
    return number ? std::optional<Value>(*number) : std::nullopt;
  }
  if (type == "list") {
    if (given.is_string()) return Value(split(given));
    return given.is_array() ? std::optional(given) : std::nullopt;
  }
  const auto duration = duration_from(given);
  return duration ? std::optional<Value>(duration->count()) : std::nullopt;
}

std::string words_for(const std::string& type) {
  if (type == "duration") return "a duration, like \"60s\" or \"5m\"";
  if (type == "integer") return "a whole number";
  if (type == "percents") return "a list of whole percents from 0 to 100, like { 10, 50, 100 }";
  if (type == "boolean") return "true or false";
  return "a " + type;
}

}  // namespace

Result<StrategyInfo> read_strategy(lua_State* thread, const Loader& loader, const Loader::File& file) {
  auto info = Reader(thread, loader, file).run();
  if (!info) return info;
  info->name = file.source.name;
  info->sources = loader.sources();
  return info;
}

Result<Value> checked_options(const Value& declared, const Value& given) {
  std::vector<std::string> names;
  for (const auto& [name, option] : declared.items()) names.push_back(name);
  if (given.is_object()) {
    for (const auto& [name, value] : given.items()) {
      if (declared.contains(name)) continue;
      return Error("SH1007", Kind::config, fmt::format("the strategy has no option '{}'", name),
                   unknown_hint(name, names))
          .with({{"path", "options." + name}});
    }
  }
  Value result = Value::object();
  for (const auto& [name, option] : declared.items()) {
    const bool is_given = given.is_object() && given.contains(name);
    const Value value = is_given ? given.at(name) : option.value("default", Value());
    if (value.is_null()) continue;
    const std::string type = option.at("type");
    auto fitting = converted(type, value);
    if (!fitting)
      return Error("SH1008", Kind::config,
                   fmt::format("the option '{}' must be {}, not {}", name, words_for(type), to_text(value)),
                   fmt::format("give '{}' {}", name, words_for(type)))
          .with({{"path", "options." + name}});
    result[name] = std::move(*fitting);
  }
  return result;
}

Value script_options(const Value& declared, Value options) {
  if (!options.is_object()) options = Value::object();
  for (auto& [name, value] : options.items()) {
    const auto option = declared.find(name);
    const bool duration = option != declared.end() && option->value("type", "") == "duration";
    if (duration && value.is_number_integer()) value = fmt::format("{}ms", value.get<std::int64_t>());
  }
  return options;
}

}  // namespace shunt::lua
