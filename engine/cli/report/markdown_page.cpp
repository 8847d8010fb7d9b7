#include <fmt/format.h>
#include <algorithm>

#include "cli/report/failure.hpp"
#include "cli/report/narration.hpp"
#include "cli/report/pages.hpp"
#include "cli/report/text.hpp"
#include "cli/report/timeline.hpp"

namespace shunt::cli {

namespace {

std::string offset(std::int64_t at_ms) {
  return fmt::format("{:.3f} s", static_cast<double>(at_ms) / 1000);
}

std::string summary(const Value& run) {
  std::string text = fmt::format("# {} {} of {}: {}\n\n", markdown_escaped(text_at(run, "verb")),
                                 markdown_escaped(text_at(run, "version")), markdown_escaped(text_at(run, "app")),
                                 state_text(text_at(run, "state")));
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("| {} | {} |\n", name, markdown_escaped(value));
  };
  text += "| | |\n|---|---|\n";
  row("deployment", text_at(run, "id"));
  row("strategy", text_at(run, "strategy"));
  row("by", text_at(run, "by"));
  row("reason", text_at(run, "reason"));
  row("started", text_at(run, "started"));
  if (run.contains("elapsed_ms")) row("took", elapsed_text(number_at(run, "elapsed_ms")));
  row("exit", text_at(run, "exit"));
  row("now", text_at(member(run, "report"), "serves"));
  for (const auto& cost : member(member(run, "report"), "costs")) row("cost", cost.get<std::string>());
  return text;
}

std::string failure(const Value& run) {
  const auto& error = member(member(run, "report"), "error");
  if (error.empty()) return "";
  return "\n## Why\n\n" + markdown_block(failure_text(error_from(error), nullptr, Style()));
}

std::string timeline(const Value& run) {
  std::string text = "\n## Timeline\n\n| at | step | took |\n|---:|---|---:|\n";
  for (const auto& moment : moments_of(member(run, "timeline"))) {
    std::string step;
    for (int i = 0; i < moment.depth; ++i) step += "&nbsp;&nbsp;";
    const bool decided = moment.sort == Moment::Sort::decision;
    if (decided) step += "**decision** ";
    step += markdown_escaped(moment.label);
    if (!moment.error.empty()) step += (decided ? ": " : " **failed**: ") + markdown_escaped(moment.error);
    text += fmt::format("| {} | {} | {} |\n", offset(moment.at_ms), step,
                        moment.took_ms < 0 ? "" : elapsed_text(moment.took_ms));
  }
  return text;
}

std::string traffic(const Value& run) {
  const auto shares = shares_of(member(run, "timeline"));
  if (shares.empty()) return "";
  std::string text = "\n## Traffic\n\n| at | service | weight of blue | weight of green |\n|---:|---|---:|---:|\n";
  for (const auto& told : shares)
    text += fmt::format("| {} | {} | {} | {} |\n", offset(told.at_ms), markdown_escaped(told.service), told.blue,
                        told.green);
  return text;
}

}  // namespace

std::string markdown_escaped(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+!|~").find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

std::string markdown_block(const std::string& text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "text\n" + text + (text.ends_with('\n') ? "" : "\n") + fence + "\n";
}

std::string markdown_page(const Value& run) {
  std::string text = summary(run) + failure(run) + traffic(run) + timeline(run);
  const auto output = output_text(member(member(run, "report"), "output"), 50, Style());
  if (!output.empty()) text += "\n## Output of the new version\n\n" + markdown_block(output);
  return text;
}

}  // namespace shunt::cli
