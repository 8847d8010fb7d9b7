#include <fmt/format.h>

#include "cli/report/documents.hpp"
#include "cli/report/failure.hpp"
#include "cli/report/narration.hpp"
#include "cli/report/table.hpp"
#include "cli/report/text.hpp"
#include "cli/report/timeline.hpp"

namespace shunt::cli {

namespace {

constexpr std::size_t output_lines = 20;

std::string run_words(const Value& run) {
  const auto strategy = text_at(run, "strategy");
  const auto verb = text_at(run, "verb");
  return fmt::format("{} {}{}", verb, text_at(run, "version"), strategy.rfind(verb, 0) == 0 ? "" : " with " + strategy);
}

}  // namespace

std::string history_text(const Value& runs, const Style& style) {
  if (runs.empty()) return "nothing was deployed yet\n";
  Table table({"DEPLOYMENT", "STARTED", "VERB", "VERSION", "STRATEGY", "STATE", "EXIT", "BY", "REASON"});
  for (const auto& run : runs)
    table.add({text_at(run, "id"), text_at(run, "started").substr(0, 19), text_at(run, "verb"), text_at(run, "version"),
               text_at(run, "strategy"), state_text(text_at(run, "state")), text_at(run, "exit"), text_at(run, "by"),
               text_at(run, "reason")});
  return table.text(style);
}

std::string show_head(const Value& run, const Style& style) {
  std::string text = style.bold(text_at(run, "id")) + "  " + run_words(run) + ": " + state_text(text_at(run, "state"));
  if (const auto exit = text_at(run, "exit"); !exit.empty()) text += fmt::format(" (exit {})", exit);
  text += fmt::format("\nby {}, started {}", text_at(run, "by"), text_at(run, "started"));
  if (run.contains("elapsed_ms")) text += ", took " + elapsed_text(number_at(run, "elapsed_ms"));
  text += "\n";
  if (const auto reason = text_at(run, "reason"); !reason.empty()) text += "reason: " + reason + "\n";
  return text + "\n";
}

std::string show_end(const Value& run, const Style& style) {
  const auto& report = member(run, "report");
  std::string text;
  if (const auto serves = text_at(report, "serves"); !serves.empty()) text += "\n" + style.bold(serves) + "\n";
  if (const auto& error = member(report, "error"); !error.empty())
    text += "\n" + failure_text(error_from(error), nullptr, style);
  if (const auto& warning = member(report, "warning"); !warning.empty())
    text += "\n" + style.warning_mark() + " " + text_at(warning, "message") + "\n";
  for (const auto& cost : member(report, "costs"))
    text += "\n" + style.warning_mark() + " " + printable(cost.get<std::string>()) + "\n";
  const auto output = output_text(member(report, "output"), output_lines, style);
  return text + (output.empty() ? "" : "\n" + output);
}

// Who was told of it, and who was not.
std::string notifications_text(const Value& notifications) {
  std::string text;
  for (const auto& one : notifications) {
    const auto attempts = number_at(one, "attempts");
    text += fmt::format("{} {}: {}", text_at(one, "channel"), text_at(one, "event"), text_at(one, "state"));
    if (text_at(one, "state") != "sent" && attempts > 0)
      text += fmt::format(" after {} attempts: {}", attempts, text_at(one, "error"));
    text += "\n";
  }
  return text.empty() ? text : "\nnotifications\n" + text;
}

std::string show_text(const Value& run, const Style& style) {
  std::string text = show_head(run, style);
  for (const auto& moment : moments_of(member(run, "timeline"))) text += moment_text(moment, style) + "\n";
  return text + show_end(run, style) + notifications_text(member(run, "notifications"));
}

}  // namespace shunt::cli
