#include "simulate/fault.hpp"

#include <fmt/format.h>
#include <map>

#include "shunt/duration.hpp"

namespace shunt::simulate {

namespace {

// What stands before the table of options.
const std::map<std::string, std::vector<std::string>>& positional() {
  static const std::map<std::string, std::vector<std::string>> all = {
      {"fail", {"verb"}}, {"delay", {"verb", "by_ms"}}, {"down", {"what", "duration_ms"}}, {"metric", {"name"}}};
  return all;
}

std::string literal(const std::string& key, const Value& value) {
  if (key.ends_with("_ms")) return fmt::format("\"{}\"", to_text(Milliseconds(value.get<std::int64_t>())));
  return to_text(value);
}

std::string name_of(const std::string& key) {
  return key.ends_with("_ms") ? key.substr(0, key.size() - 3) : key;
}

}  // namespace

std::string to_lua(const Fault& fault) {
  auto rest = fault.args;
  std::string arguments;
  if (const auto names = positional().find(fault.what); names != positional().end())
    for (const auto& key : names->second) {
      if (!rest.contains(key)) continue;
      arguments += (arguments.empty() ? "" : ", ") + literal(key, rest[key]);
      rest.erase(key);
    }
  std::string options;
  for (const auto& [key, value] : rest.items())
    options += fmt::format("{}{} = {}", options.empty() ? "" : ", ", name_of(key), literal(key, value));
  if (arguments.empty()) return fmt::format("world:{} {{ {} }}", fault.what, options);
  return fmt::format("world:{}({}{})", fault.what, arguments, options.empty() ? "" : ", { " + options + " }");
}

const std::vector<std::string>& fault_names() {
  static const std::vector<std::string> all = {"fail",        "delay",      "down",   "kill",
                                               "crash_loop",  "slow_start", "sicken", "restart_proxy",
                                               "set_weights", "metric",     "abort",  "crash"};
  return all;
}

}  // namespace shunt::simulate
