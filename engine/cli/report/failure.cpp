#include "cli/report/failure.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "cli/report/label.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

constexpr std::size_t longest_value = 200;
constexpr std::size_t samples_shown = 5;
constexpr int lines_around = 1;
constexpr std::size_t output_lines = 10;

// A message from outside may hold anything; the layout of the paragraph is ours.
Error made_printable(const Error& error) {
  Error copy = error;
  copy.message = printable(error.message);
  copy.remedy = printable(error.remedy);
  copy.where.file = printable(error.where.file);
  if (error.cause) copy.cause = std::make_shared<const Error>(made_printable(*error.cause));
  return copy;
}

std::string samples_text(const Value& samples) {
  std::string text;
  const auto begin = samples.size() > samples_shown ? samples.size() - samples_shown : 0;
  for (std::size_t i = begin; i < samples.size(); ++i) {
    const auto& sample = samples[i];
    if (!text.empty()) text += ", ";
    text += sample.is_object() && sample.contains("value") ? measured(sample["value"]) : text_at(sample, "state");
  }
  return text;
}

std::string gate_evidence(const Value& gate, const std::string& indent) {
  std::string text = indent + "measured: " + gate_text(gate) + "\n";
  if (!member(gate, "samples").empty()) text += indent + "last samples: " + samples_text(gate["samples"]) + "\n";
  if (const auto query = text_at(gate, "query"); !query.empty())
    text += indent + "query: " + cut(query, longest_value) + "\n";
  if (const auto error = text_at(gate, "error"); !error.empty())
    text += indent + "error: " + cut(error, longest_value) + "\n";
  return text;
}

std::string hooks_evidence(const Value& hooks, const std::string& indent) {
  std::string text = indent + "undone so far:\n";
  for (const auto& hook : hooks) {
    text += fmt::format("{}  {}: {} ({})", indent, text_at(hook, "state"),
                        label_of(text_at(hook, "verb"), member(hook, "args")), text_at(hook, "tier"));
    if (const auto error = text_at(member(hook, "error"), "message"); !error.empty()) text += ": " + error;
    text += "\n";
  }
  return text;
}

// Who it is, since when and where stands in the message.
std::string holder_evidence(const Value& holder, const std::string& indent) {
  const auto run = text_at(holder, "run");
  return run.empty() ? "" : fmt::format("{}its deployment: {} (`shunt show --follow` watches it)\n", indent, run);
}

// The first of them is the error itself.
std::string findings_evidence(const Value& findings, const std::string& indent) {
  std::string text;
  for (std::size_t i = 1; i < findings.size(); ++i)
    text +=
        fmt::format("{}also in line {}: {}\n", indent, text_at(findings[i], "line"), text_at(findings[i], "message"));
  return text;
}

std::string last_lines(const std::string& output, std::size_t lines, const Style& style) {
  const auto all = printable_lines(output);
  std::string text;
  for (std::size_t i = all.size() > lines ? all.size() - lines : 0; i < all.size(); ++i)
    text += "  " + style.dim("| " + all[i]) + "\n";
  return text;
}

std::string facts(const Value& evidence, const std::string& indent) {
  static const std::set<std::string> said_elsewhere = {"path", "output", "hooks", "findings"};
  std::string text;
  for (const auto& [name, value] : evidence.items()) {
    if (said_elsewhere.count(name) != 0 || value.is_null() || value == Value("")) continue;
    text += fmt::format("{}{}: {}\n", indent, printable(name), cut(measured(value), longest_value));
  }
  return text;
}

}  // namespace

std::string excerpt(const std::string& text, int line, const Style& style) {
  std::vector<std::string> lines;
  for (const auto& one : printable_lines(text)) lines.push_back(one);
  if (line < 1 || line > static_cast<int>(lines.size())) return "";
  const int last = std::min(line + lines_around, static_cast<int>(lines.size()));
  std::string result;
  for (int number = std::max(1, line - lines_around); number <= last; ++number) {
    const auto row =
        fmt::format("  {} {:>4} | {}", number == line ? ">" : " ", number, lines[static_cast<std::size_t>(number - 1)]);
    result += (number == line ? style.bold(row) : style.dim(row)) + "\n";
  }
  return result;
}

std::string evidence_text(const Value& evidence, const std::string& indent) {
  if (!evidence.is_object() || evidence.empty()) return "";
  if (evidence.contains("verdict") && evidence.contains("name")) return gate_evidence(evidence, indent);
  if (evidence.contains("pid") && evidence.contains("since") && evidence.contains("by"))
    return holder_evidence(evidence, indent);
  std::string text = facts(evidence, indent);
  if (const auto& hooks = member(evidence, "hooks"); !hooks.empty()) text += hooks_evidence(hooks, indent);
  text += findings_evidence(member(evidence, "findings"), indent);
  // The output of instances is an object of theirs, and is told after the error.
  const auto output = evidence.find("output");
  const bool is_text = output != evidence.end() && output->is_string() && *output != Value("");
  if (is_text) text += indent + "last output:\n" + last_lines(output->get<std::string>(), output_lines, Style());
  return text;
}

std::string failure_text(const Error& error, const ReadSource& read, const Style& style, const std::string& severity) {
  const auto paragraph = to_paragraph(made_printable(error));
  const auto head = paragraph.find('\n') + 1;
  std::string text = (severity == "error" ? style.red(severity) : style.yellow(severity)) + ": " +
                     style.bold(paragraph.substr(0, head - 1)) + "\n";
  if (read && error.where.line > 0)
    if (const auto source = read(error.where.file)) text += excerpt(*source, error.where.line, style);
  const auto* evident = &error;
  while (evident->evidence.empty() && evident->cause) evident = evident->cause.get();
  return text + evidence_text(evident->evidence, "  ") + paragraph.substr(head);
}

std::string output_text(const Value& output, std::size_t lines, const Style& style) {
  std::string text;
  if (!output.is_object()) return text;
  for (const auto& [instance, tail] : output.items()) {
    if (!tail.is_string() || tail.get_ref<const std::string&>().empty()) continue;
    text += fmt::format("  last output of {}:\n", printable(instance));
    text += last_lines(tail.get_ref<const std::string&>(), lines, style);
  }
  return text;
}

}  // namespace shunt::cli
