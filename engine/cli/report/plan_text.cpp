#include <fmt/format.h>

#include "cli/report/documents.hpp"
#include "cli/report/label.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

constexpr std::size_t label_columns = 48;
constexpr std::size_t class_columns = 15;

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
    const bool is_timed = step.is_object() && step.contains("takes_ms");
    const auto kind = is_timed ? padded(text_at(step, "class"), class_columns) : text_at(step, "class");
    text += fmt::format("{:>4}  {}  {}{}\n", ++number, padded(label, label_columns), style.dim(kind),
                        is_timed ? "  " + elapsed_text(number_at(step, "takes_ms")) : "");
  }
  if (!member(plan, "notes").empty()) text += "\n";
  for (const auto& note : member(plan, "notes")) text += style.warning_mark() + " " + measured(note) + "\n";
  if (plan.is_object() && plan.contains("takes_ms"))
    text +=
        fmt::format("\nabout {} when nothing goes wrong, by the model\n", elapsed_text(number_at(plan, "takes_ms")));
  return text + "\nNothing was changed.\n";
}

}  // namespace shunt::cli
