#include <fmt/format.h>

#include "cli/report/documents.hpp"
#include "cli/report/text.hpp"
#include "cli/report/timeline.hpp"

namespace shunt::cli {

namespace {

std::string grouped(std::int64_t number) {
  auto digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string head(const Value& document, const Style& style) {
  const auto& ends = member(document, "ends");
  const auto seconds = document.value("seconds", 0.0);
  const auto runs = number_at(document, "runs");
  auto text = fmt::format("{} of {}: {} deployment{} in {:.1f} s, seed {}\n", style.bold("simulation"),
                          text_at(document, "strategy"), grouped(runs), runs == 1 ? "" : "s", seconds,
                          text_at(document, "seed"));
  text += fmt::format("  {} succeeded, {} rolled back, {} need an operator\n", grouped(number_at(ends, "succeeded")),
                      grouped(number_at(ends, "rolled_back")), grouped(number_at(ends, "needs_operator")));
  std::string names;
  for (const auto& name : member(document, "properties")) names += (names.empty() ? "" : ", ") + measured(name);
  return text + fmt::format("  held against: {}\n", names);
}

std::string undos_text(const Value& document, const Style& style) {
  std::string text;
  for (const auto& [name, times] : member(document, "undos").items())
    text += fmt::format("  undo '{}': {}\n", printable(name),
                        times == 0 ? style.yellow("never performed") : fmt::format("performed in {}", grouped(times)));
  return text;
}

std::string finding_text(const Value& finding, const Style& style) {
  auto text =
      fmt::format("\n{} {}: {}\n", style.failed_mark(), style.bold(text_at(finding, "kind")), text_at(finding, "what"));
  if (!text_at(finding, "file").empty())
    text += fmt::format("  at {}:{}\n", text_at(finding, "file"), number_at(finding, "line"));
  if (member(finding, "faults").empty()) text += "  nothing needs to go wrong for it\n";
  text += "\n";
  for (const auto& moment : moments_of(member(finding, "timeline"))) text += "  " + moment_text(moment, style) + "\n";
  text += "\n  as a test:\n\n";
  for (const auto& line : printable_lines(finding.value("test", ""))) text += "    " + line + "\n";
  return text;
}

}  // namespace

std::string covered_text(const Value& document, const Style& style) {
  std::string text;
  for (const auto& [file, lines] : member(document, "coverage").items()) {
    const auto& missed = member(lines, "missed");
    const auto count = number_at(lines, "lines");
    text += fmt::format("  {}: {} of {} lines reached", printable(file),
                        count - static_cast<std::int64_t>(missed.size()), count);
    std::string list;
    for (const auto& line : missed) list += (list.empty() ? "" : ", ") + measured(line);
    text += list.empty() ? "\n" : style.yellow("; never: " + list) + "\n";
  }
  return text;
}

std::string simulate_text(const Value& document, const Style& style) {
  auto text = head(document, style) + covered_text(document, style) + undos_text(document, style);
  for (const auto& finding : member(document, "findings")) text += finding_text(finding, style);
  const auto count = member(document, "findings").size();
  if (count == 0) return text + fmt::format("\n{} no finding\n", style.done_mark());
  return text + fmt::format("\n{} finding{}\n", count, count == 1 ? "" : "s");
}

}  // namespace shunt::cli
