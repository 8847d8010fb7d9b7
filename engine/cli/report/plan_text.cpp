#include <fmt/format.h>

#include "cli/report/documents.hpp"
#include "cli/report/label.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

constexpr std::size_t label_columns = 48;

std::string head(const Value& plan, const Style& style) {
  std::string text = fmt::format("{} of {} on {}", style.bold("plan"), text_at(plan, "version"), text_at(plan, "to"));
  if (const auto strategy = text_at(plan, "strategy"); !strategy.empty()) text += " with " + strategy;
  const auto from = text_at(plan, "from");
  return text + (from.empty() ? ": a first deployment, nothing serves now\n" : fmt::format(": {} is live now\n", from));
}

}  // namespace

std::string plan_text(const Value& plan, const Style& style) {
  std::string text = head(plan, style) + "\n";
  int number = 0;
  for (const auto& step : member(plan, "steps")) {
    const std::string indent(static_cast<std::size_t>(number_at(step, "nested")) * 2, ' ');
    if (const auto phase = text_at(step, "phase"); !phase.empty()) {
      text += fmt::format("      {}{}\n", indent, style.bold(phase));
      continue;
    }
    const auto label = indent + label_of(text_at(step, "step"), member(step, "args"));
    text += fmt::format("{:>4}  {}  {}\n", ++number, padded(label, label_columns), style.dim(text_at(step, "class")));
  }
  if (!member(plan, "notes").empty()) text += "\n";
  for (const auto& note : member(plan, "notes")) text += style.warning_mark() + " " + measured(note) + "\n";
  return text + "\nNothing was changed.\n";
}

}  // namespace shunt::cli
