#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "cli/report/failure.hpp"
#include "cli/report/narration.hpp"
#include "cli/report/pages.hpp"
#include "cli/report/text.hpp"
#include "cli/report/timeline.hpp"

namespace shunt::cli {

namespace {

constexpr double chart_width = 860;
constexpr double chart_height = 60;

constexpr std::string_view style_sheet =
    R"(body{font:15px/1.45 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em}table{border-collapse:collapse}td,th{padding:.15em 1em .15em 0;text-align:left}
td.number{text-align:right;font-variant-numeric:tabular-nums}pre{background:#f4f4f4;padding:.8em;overflow:auto}
.failed{color:#b00}.hook{color:#888}.decision,.operator{font-weight:bold}
svg{display:block;width:100%;height:auto})";

const char* class_of(const Moment& moment) {
  if (moment.sort == Moment::Sort::hook) return "hook";
  if (moment.sort == Moment::Sort::decision) return "decision";
  if (moment.sort == Moment::Sort::operator_said) return "operator";
  return moment.error.empty() ? "step" : "failed";
}

std::string summary(const Value& run) {
  std::string text = "<table>\n";
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", name, html_escaped(value));
  };
  row("deployment", text_at(run, "id"));
  row("strategy", text_at(run, "strategy"));
  row("by", text_at(run, "by"));
  row("reason", text_at(run, "reason"));
  row("started", text_at(run, "started"));
  if (run.contains("elapsed_ms")) row("took", elapsed_text(number_at(run, "elapsed_ms")));
  row("exit", text_at(run, "exit"));
  row("now", text_at(member(run, "report"), "serves"));
  for (const auto& cost : member(member(run, "report"), "costs")) row("cost", cost.get<std::string>());
  return text + "</table>\n";
}

double green_share(const Told& told) {
  const auto all = told.blue + told.green;
  return all == 0 ? 0 : static_cast<double>(told.green) / static_cast<double>(all);
}

// Green's share over time as an area in front of blue.
std::string chart(const std::string& service, const std::vector<Told>& shares, std::int64_t total_ms) {
  const auto x = [&](std::int64_t at_ms) {
    return chart_width * static_cast<double>(at_ms) / static_cast<double>(std::max<std::int64_t>(total_ms, 1));
  };
  const auto y = [&](double share) { return chart_height * (1 - share); };
  std::string points = fmt::format("{:.1f},{:.1f}", x(shares.front().at_ms), chart_height);
  double share = green_share(shares.front());
  for (const auto& told : shares) {
    points += fmt::format(" {:.1f},{:.1f}", x(told.at_ms), y(share));
    share = green_share(told);
    points += fmt::format(" {:.1f},{:.1f}", x(told.at_ms), y(share));
  }
  points += fmt::format(" {0:.1f},{1:.1f} {0:.1f},{2:.1f}", chart_width, y(share), chart_height);
  return fmt::format(
      "<h2>Traffic of {0}</h2>\n<svg viewBox=\"0 0 {1} {2}\" role=\"img\" aria-label=\"share of green over time\">"
      "<rect x=\"{3:.1f}\" width=\"{4:.1f}\" height=\"{2}\" fill=\"#4a7ebb\"/><polygon points=\"{5}\" "
      "fill=\"#5aa469\"/></svg>\n"
      "<p>blue above, green below; {6} from left to right</p>\n",
      html_escaped(service), chart_width, chart_height, x(shares.front().at_ms), chart_width - x(shares.front().at_ms),
      points, elapsed_text(total_ms));
}

std::string traffic(const Value& run) {
  std::map<std::string, std::vector<Told>> by_service;
  std::int64_t total_ms = number_at(run, "elapsed_ms");
  for (const auto& told : shares_of(member(run, "timeline"))) {
    by_service[told.service].push_back(told);
    total_ms = std::max(total_ms, told.at_ms);
  }
  std::string text;
  for (const auto& [service, shares] : by_service) text += chart(service, shares, total_ms);
  return text;
}

std::string timeline(const Value& run) {
  std::string text = "<h2>Timeline</h2>\n<table>\n";
  for (const auto& moment : moments_of(member(run, "timeline"))) {
    const auto label = html_escaped(moment.label) + (moment.error.empty() ? "" : ": " + html_escaped(moment.error));
    text += fmt::format(
        "<tr class=\"{}\"><td class=\"number\">{:.3f} s</td><td style=\"padding-left:{}em\">{}</td><td "
        "class=\"number\">{}</td></tr>\n",
        class_of(moment), static_cast<double>(moment.at_ms) / 1000, moment.depth, label,
        moment.took_ms < 0 ? "" : elapsed_text(moment.took_ms));
  }
  return text + "</table>\n";
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string html_page(const Value& run) {
  const auto title = html_escaped(fmt::format("{} {} of {}: {}", text_at(run, "verb"), text_at(run, "version"),
                                              text_at(run, "app"), state_text(text_at(run, "state"))));
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n<style>{1}</style></head>\n"
      "<body>\n<h1>{0}</h1>\n",
      title, style_sheet);
  text += summary(run);
  const auto& report = member(run, "report");
  if (const auto& error = member(report, "error"); !error.empty())
    text += "<h2>Why</h2>\n<pre>" + html_escaped(failure_text(error_from(error), nullptr, Style())) + "</pre>\n";
  text += traffic(run) + timeline(run);
  if (const auto output = output_text(member(report, "output"), 200, Style()); !output.empty())
    text += "<h2>Output of the new version</h2>\n<pre>" + html_escaped(output) + "</pre>\n";
  return text + "</body></html>\n";
}

}  // namespace shunt::cli
