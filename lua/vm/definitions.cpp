#include "definitions.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "vm/api.hpp"

namespace shunt::lua {

namespace {

constexpr const char* strategy_types = R"(---@meta
-- Written by `shunt types`. Editors read it, nothing runs it.

---Such as "250ms", "3s", "10m", "1h", or a number of seconds.
---@alias shunt.duration string|number

---What was raised: it prints as one line.
---@class shunt.error
---@field code string
---@field message string
---@field kind "timeout"|"unhealthy"|"gate"|"adapter"|"cancelled"|"config"|"script"
---@field where { file: string, line: integer }
---@field traceback string
---@field step string
---@field cause shunt.error?
---@field retryable boolean
---@field evidence any

---@class shunt.option
---@field type "duration"|"number"|"integer"|"string"|"boolean"|"percents"|"list"
---@field default any
---@field doc string

---What a strategy file returns.
---@class shunt.strategy
---@field api integer
---@field summary string
---@field downtime? boolean
---@field options? table<string, shunt.option>
---@field run fun(deploy: shunt.deploy, options: table<string, any>)

)";

constexpr const char* tests_types = R"(---@meta
-- Written by `shunt types`. Editors read it, nothing runs it.

---How a simulated deployment went.
---@class shunt.outcome
---@field state "succeeded"|"rolled_back"|"needs_operator"
---@field exit integer
---@field error shunt.error?
---@field traffic { new: integer, old: integer }
---@field steps string[]
---@field undone string[]
---@field violations string[]
---@field elapsed number
---@field calls integer
---@field clients { requests: integer, failed: integer }

)";

constexpr const char* app_types = R"(---@meta
-- Written by `shunt types`. Editors read it, nothing runs it.

---A variable of the environment, or what stands in for it.
---@param name string
---@param otherwise? string
---@return string
function env(name, otherwise) end

---A secret, read when it is used.
---@param source { env?: string, file?: string, command?: string[] }
---@return table
function secret(source) end

---What another file returns.
---@param file string
---@return any
function include(file) end
)";

std::string type_of(const Parameter& parameter) {
  static const std::map<std::string, std::string> types = {
      {"string", "string"},
      {"text", "string|number|boolean|shunt.error"},
      {"integer", "integer"},
      {"percent", "integer"},
      {"number", "number"},
      {"boolean", "boolean"},
      {"duration", "shunt.duration"},
      {"color", "\"blue\"|\"green\""},
      {"strings", "string[]"},
      {"map", "table<string, string|number|boolean>"},
      {"variables", "table<string, string|number|boolean|table>"},
      {"fields", "table<string, any>"},
      {"function", "function"},
      {"any", "any"},
  };
  return types.at(parameter.type);
}

// Only task.retry takes its function as the first element of the table.
std::string key_of_option(const Parameter& option) {
  if (option.type == "function") return "[1]";
  static const std::vector<std::string> reserved = {"function", "for", "end"};
  const bool is_word = std::find(reserved.begin(), reserved.end(), option.name) == reserved.end();
  return is_word ? option.name : fmt::format("[\"{}\"]", option.name);
}

std::string options_type(const Function& function) {
  std::string fields;
  for (const auto& option : function.options)
    fields += fmt::format("{}{}{}: {}", fields.empty() ? "" : ", ", key_of_option(option), option.optional ? "?" : "",
                          type_of(option));
  return "{ " + fields + " }";
}

bool all_optional(const Function& function) {
  return std::all_of(function.options.begin(), function.options.end(),
                     [](const Parameter& option) { return option.optional; });
}

std::string signature(const Function& function) {
  std::string names;
  for (const auto& argument : function.arguments) names += (names.empty() ? "" : ", ") + argument.name;
  if (!function.options.empty()) names += names.empty() ? "options" : ", options";
  return names;
}

std::string definition(const Function& function) {
  std::string text = fmt::format("---{}{}\n", function.doc, function.later.empty() ? "" : " Not available yet.");
  for (const auto& argument : function.arguments)
    text += fmt::format("---@param {}{} {} {}\n", argument.name, argument.optional ? "?" : "", type_of(argument),
                        argument.doc);
  if (!function.options.empty())
    text += fmt::format("---@param options{} {}\n", all_optional(function) ? "?" : "", options_type(function));
  if (!function.gives.empty()) text += fmt::format("---@return {}\n", function.gives);
  return text + fmt::format("function {}({}) end\n\n", function.full_name, signature(function));
}

bool is_value(const Function& function) {
  return function.full_name == "json.null";
}

std::string definition(const Module& module) {
  std::string text;
  if (module.object) {
    text += fmt::format("---{}\n---@class shunt.{}\n", module.doc, module.name);
    for (const auto& field : module.fields)
      text += fmt::format("---@field {} {} {}\n", field.name, field.gives, field.doc);
    text += fmt::format("local {} = {{}}\n\n", module.name);
  } else if (!module.globals) {
    text += fmt::format("---{}\n{} = {{}}\n\n", module.doc, module.name);
  }
  for (const auto& function : module.functions)
    text += is_value(function) ? fmt::format("---{}\n{} = {{}}\n\n", function.doc, function.full_name)
                               : definition(function);
  return text;
}

std::string call_of(const Function& function) {
  std::string arguments;
  for (const auto& argument : function.arguments)
    arguments += (arguments.empty() ? "" : ", ") + (argument.optional ? "[" + argument.name + "]" : argument.name);
  if (function.options.empty()) return fmt::format("{}({})", function.full_name, arguments);
  std::string options;
  for (const auto& option : function.options)
    options += fmt::format("{}{} =", options.empty() ? "" : ", ", option.name);
  return arguments.empty() ? fmt::format("{}{{ {} }}", function.full_name, options)
                           : fmt::format("{}({}, {{ {} }})", function.full_name, arguments, options);
}

std::string row(const Parameter& parameter) {
  return fmt::format("| `{}` | {}{} | {} |\n", parameter.name, parameter.type, parameter.optional ? "" : ", needed",
                     parameter.doc);
}

std::string page_of(const Function& function) {
  std::string text =
      fmt::format("### `{}`\n\n{}", is_value(function) ? function.full_name : call_of(function), function.doc);
  if (!function.later.empty()) text += fmt::format(" Not available yet: {}.", function.later);
  if (!function.returns.empty()) text += fmt::format(" Returns {}.", function.returns);
  text += "\n\n";
  if (function.arguments.empty() && function.options.empty()) return text;
  text += "| | | |\n|---|---|---|\n";
  for (const auto& argument : function.arguments) text += row(argument);
  for (const auto& option : function.options) text += row(option);
  return text + "\n";
}

std::string page_of(const Module& module) {
  std::string text = fmt::format("## {}\n\n{}\n\n", module.globals ? "The file" : module.name, module.doc);
  if (!module.fields.empty()) {
    text += "| field | | |\n|---|---|---|\n";
    for (const auto& field : module.fields) {
      auto gives = field.gives;
      for (auto at = gives.find('|'); at != std::string::npos; at = gives.find('|', at + 4))
        gives.replace(at, 1, " or ");
      text += fmt::format("| `{}` | {} | {} |\n", field.name, gives, field.doc);
    }
    text += "\n";
  }
  for (const auto& function : module.functions) text += page_of(function);
  return text;
}

std::string of_all(bool for_tests, std::string (*one)(const Module&)) {
  std::string text;
  for (const auto& module : api())
    if (module.for_tests == for_tests) text += one(module);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace

std::vector<Source> type_definitions() {
  return {Source("shunt.lua", strategy_types + of_all(false, definition)),
          Source("tests.lua", tests_types + of_all(true, definition)), Source("app.lua", app_types)};
}

std::vector<Source> api_pages() {
  const std::string note = "This page is written from the table that registers the functions.\n\n";
  return {Source("strategies.md", "# What a strategy can call\n\n" + note + of_all(false, page_of)),
          Source("tests.md", "# What a test can call\n\n" + note + of_all(true, page_of))};
}

std::string help_for(const std::string& name) {
  for (const auto& module : api()) {
    if (module.name == name) {
      std::string text = module.doc + "\n";
      for (const auto& function : module.functions) text += fmt::format("  {}  {}\n", function.full_name, function.doc);
      return text;
    }
    for (const auto& function : module.functions) {
      if (function.full_name != name) continue;
      std::string text = fmt::format("{}\n{}\n", call_of(function), function.doc);
      for (const auto* list : {&function.arguments, &function.options})
        for (const auto& parameter : *list)
          text += fmt::format("  {} ({}{}): {}\n", parameter.name, parameter.type, parameter.optional ? "" : ", needed",
                              parameter.doc);
      if (!function.returns.empty()) text += fmt::format("  returns {}\n", function.returns);
      return text;
    }
  }
  return "";
}

std::vector<std::string> names_beginning(const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& module : api()) {
    if (!module.globals && module.name.starts_with(prefix)) names.push_back(module.name);
    for (const auto& function : module.functions)
      if (function.full_name.starts_with(prefix) && prefix.size() > (module.globals ? 0 : module.name.size()))
        names.push_back(function.full_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace shunt::lua
