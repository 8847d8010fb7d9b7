#include "cli/report/timeline.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "cli/report/label.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

struct OpenStep {
  std::string branch;
  std::string verb;
  std::size_t moment = 0;
};

int depth_of(const std::string& branch) {
  return static_cast<int>(std::count(branch.begin(), branch.end(), '/'));
}

Moment moment_at(const Value& entry, Moment::Sort sort, std::string label) {
  Moment moment;
  moment.seq = number_at(entry, "seq");
  moment.at_ms = number_at(entry, "at_ms");
  moment.depth = depth_of(text_at(entry, "branch"));
  moment.sort = sort;
  moment.label = std::move(label);
  return moment;
}

std::string label_at(const Value& entry) {
  return label_of(text_at(entry, "verb"), member(entry, "args"));
}

Moment decision(const Value& entry) {
  Moment moment = moment_at(entry, Moment::Sort::decision, text_at(entry, "verb"));
  moment.error = text_at(member(entry, "error"), "message");
  return moment;
}

Moment operator_said(const Value& entry) {
  const auto& body = member(entry, "body");
  const auto question = text_at(member(entry, "args"), "question");
  const auto reason = text_at(body, "reason");
  return moment_at(entry, Moment::Sort::operator_said,
                   fmt::format("{} says {}{}{}", text_at(body, "by"), text_at(entry, "verb"),
                               question.empty() ? "" : " to: " + question, reason.empty() ? "" : ": " + reason));
}

Moment hook(const Value& entry) {
  return moment_at(entry, Moment::Sort::hook,
                   fmt::format("undo: {} ({})", label_at(entry), text_at(member(entry, "body"), "tier")));
}

}  // namespace

std::vector<Moment> moments_of(const Value& timeline) {
  std::vector<Moment> moments;
  std::vector<OpenStep> open;
  for (const auto& entry : timeline) {
    const auto kind = text_at(entry, "kind");
    if (kind == "decision") moments.push_back(decision(entry));
    if (kind == "operator") moments.push_back(operator_said(entry));
    if (kind == "hook") moments.push_back(hook(entry));
    if (kind == "fault") moments.push_back(moment_at(entry, Moment::Sort::fault, text_at(entry, "verb")));
    const auto branch = text_at(entry, "branch");
    const auto verb = text_at(entry, "verb");
    if (kind == "intent") {
      open.push_back({branch, verb, moments.size()});
      moments.push_back(moment_at(entry, Moment::Sort::step, label_at(entry)));
    }
    const bool ends_a_phase = verb == "phase" && text_at(member(entry, "args"), "state") == "end";
    if ((kind != "result" && kind != "progress") || ends_a_phase) continue;
    const auto begun = std::find_if(open.rbegin(), open.rend(),
                                    [&](const OpenStep& step) { return step.branch == branch && step.verb == verb; });
    if (begun == open.rend()) {
      moments.push_back(moment_at(entry, Moment::Sort::step, label_at(entry)));
      moments.back().error = text_at(member(entry, "error"), "message");
      continue;
    }
    auto& moment = moments[begun->moment];
    moment.took_ms = number_at(entry, "at_ms") - moment.at_ms;
    moment.error = text_at(member(entry, "error"), "message");
    open.erase(std::next(begun).base());
  }
  return moments;
}

std::vector<Told> shares_of(const Value& timeline) {
  std::vector<Told> shares;
  for (const auto& entry : timeline) {
    if (text_at(entry, "verb") != "proxy.set" || text_at(entry, "kind") != "intent") continue;
    const auto& args = member(entry, "args");
    shares.push_back(
        {number_at(entry, "at_ms"), text_at(args, "service"), number_at(args, "blue"), number_at(args, "green")});
  }
  return shares;
}

std::string moment_text(const Moment& moment, const Style& style) {
  const std::string indent(static_cast<std::size_t>(moment.depth) * 2, ' ');
  std::string line = fmt::format("{:>9.3f}s  {}", static_cast<double>(moment.at_ms) / 1000, indent);
  if (moment.sort == Moment::Sort::hook) return line + style.dim(moment.label);
  if (moment.sort == Moment::Sort::fault) return line + style.red("fault: " + moment.label);
  if (moment.sort == Moment::Sort::decision)
    return line + style.yellow("decision: " + moment.label) + (moment.error.empty() ? "" : ": " + moment.error);
  if (moment.sort == Moment::Sort::operator_said) return line + style.yellow(moment.label);
  line += moment.took_ms < 0 ? moment.label
                             : padded(moment.label, moment.depth == 0 ? 40 : 38) + "  " + elapsed_text(moment.took_ms);
  return moment.error.empty() ? line : line + "  " + style.red("failed: " + moment.error);
}

}  // namespace shunt::cli
