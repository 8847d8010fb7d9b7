#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/report/text.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

namespace {

Value entry_of(const StrategyInfo& info) {
  return {{"name", info.name}, {"summary", info.summary}, {"downtime", info.downtime}, {"options", info.options}};
}

Ending all_strategies(ScriptRuntime& scripts) {
  Ending ending;
  ending.document = Value::array();
  const ReadFile no_files = [](const std::string&) { return std::nullopt; };
  for (const auto& source : scripts.bundled()) {
    const auto script = scripts.load_strategy(source.name, no_files, ScriptLimits());
    if (!script) return Ending(2, script.error());
    ending.document.push_back(entry_of((*script)->info()));
  }
  return ending;
}

std::string default_text(const Value& value) {
  if (value.is_null()) return "";
  if (!value.is_array()) return measured(value);
  std::string text;
  for (const auto& item : value) text += (text.empty() ? "" : ",") + measured(item);
  return text;
}

std::string strategies_text(const Value& strategies, const Style& style) {
  std::string text;
  for (const auto& strategy : strategies) {
    text += fmt::format("{}{}\n    {}\n", style.bold(text_at(strategy, "name")),
                        strategy.value("downtime", false) ? "  (with downtime)" : "", text_at(strategy, "summary"));
    for (const auto& [name, option] : member(strategy, "options").items())
      text += fmt::format(
          "    --set {}  {}{}\n",
          padded(printable(name) + "=" + default_text(option.is_object() ? option.value("default", Value()) : Value()),
                 26),
          text_at(option, "doc"), style.dim(" (" + text_at(option, "type") + ")"));
    text += "\n";
  }
  return text + "A strategy of your own is a .lua file: `shunt deploy VERSION --strategy FILE.lua`\n";
}

}  // namespace

Action declare_strategies(CLI::App&) {
  return [](Session& session) { return session.show(all_strategies(*session.parts().scripts), strategies_text); };
}

}  // namespace shunt::cli
