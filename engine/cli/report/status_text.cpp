#include <fmt/format.h>
#include <set>

#include "cli/report/documents.hpp"
#include "cli/report/narration.hpp"
#include "cli/report/table.hpp"
#include "cli/report/text.hpp"
#include "shunt/duration.hpp"

namespace shunt::cli {

namespace {

std::string head(const Value& status, const Style& style) {
  const auto& live = member(status, "live");
  const auto& idle = member(status, "idle");
  std::string text = style.bold(text_at(status, "app")) + ": ";
  if (text_at(live, "color").empty()) return text + "nothing was deployed yet\n";
  text += fmt::format("{} is live in {}", text_at(live, "version"), text_at(live, "color"));
  const auto kept = text_at(idle, "version");
  text += fmt::format("; {} is idle{}", text_at(idle, "color"), kept.empty() ? "" : " and keeps " + kept);
  if (const auto until = text_at(idle, "hold_until"); !until.empty()) text += " until " + until;
  return text + "\n";
}

std::string share_of(const Value& service, const std::string& color) {
  const auto& traffic = member(service, "traffic");
  return traffic.empty() ? "unknown" : fmt::format("{} %", number_at(traffic, color.c_str()));
}

/// Whether its runtime could be asked what runs.
bool is_known(const Value& service) {
  return service.is_object() && service.contains("instances") && service["instances"].is_array();
}

std::string services(const Value& status, const Style& style) {
  Table table({"SERVICE", "COLOR", "TRAFFIC", "VERSION", "INSTANCE", "STATE", "HEALTHY", "ADDRESS"});
  for (const auto& service : member(status, "services"))
    for (const std::string color : {"blue", "green"}) {
      bool any = false;
      for (const auto& instance : member(service, "instances")) {
        if (text_at(instance, "color") != color) continue;
        table.add({text_at(service, "name"), color, share_of(service, color), text_at(instance, "version"),
                   text_at(instance, "id"), text_at(instance, "state"),
                   instance.value("healthy", false) ? "yes" : style.red("no"), text_at(instance, "address")});
        any = true;
      }
      if (!any)
        table.add({text_at(service, "name"), color, share_of(service, color), is_known(service) ? "-" : "unknown"});
    }
  return table.empty() ? "" : "\n" + table.text(style);
}

std::string last(const Value& status) {
  const auto& run = member(status, "deployment");
  if (run.empty()) return "";
  const auto ended = text_at(run, "ended");
  return fmt::format("\n{} {} {}, {} {} ({})\n", text_at(run, "verb").empty() ? "deployment of" : text_at(run, "verb"),
                     text_at(run, "version"), state_text(text_at(run, "state")), ended.empty() ? "since" : "ended",
                     ended.empty() ? text_at(run, "started") : ended, text_at(run, "id"));
}

std::string drift(const Value& status, const Style& style) {
  const auto& found = member(status, "drift");
  if (found.empty()) return "";
  std::string text = "\n" + style.bold("The world is not as it was recorded:") + "\n";
  for (const auto& one : found)
    text += "  " + style.warning_mark() + " " + text_at(one, "service") + ": " + text_at(one, "message") + "\n";
  return text + "  `shunt repair` makes it so again; `shunt repair --accept` records what the proxies show\n";
}

std::string lock(const Value& status) {
  const auto& holder = member(status, "lock");
  if (holder.empty()) return "";
  std::string text = fmt::format("locked by process {} of {}: {} {}", text_at(holder, "pid"), text_at(holder, "by"),
                                 text_at(holder, "verb"), text_at(holder, "run"));
  if (const auto since = number_at(holder, "since"); since > 0) text += ", since " + to_timestamp(since);
  if (const auto step = text_at(holder, "step"); !step.empty()) text += ", at " + step;
  return text + "\n";
}

std::string versions_of(const Value& service, const std::string& color) {
  if (!is_known(service)) return "unknown";
  std::set<std::string> versions;
  for (const auto& instance : member(service, "instances"))
    if (text_at(instance, "color") == color) versions.insert(text_at(instance, "version"));
  return versions.empty() ? "nothing runs" : fmt::format("{}", fmt::join(versions, ", "));
}

}  // namespace

std::string status_text(const Value& status, const Style& style) {
  return head(status, style) + style.dim("state in " + text_at(status, "state_dir")) + "\n" + services(status, style) +
         last(status) + lock(status) + drift(status, style);
}

std::vector<std::string> serving_lines(const Value& status) {
  std::vector<std::string> lines;
  for (const auto& service : member(status, "services")) {
    std::string line = text_at(service, "name") + ":";
    for (const std::string color : {"blue", "green"})
      line += fmt::format("{} {} {} ({})", color == "blue" ? "" : ",", color, share_of(service, color),
                          versions_of(service, color));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace shunt::cli
