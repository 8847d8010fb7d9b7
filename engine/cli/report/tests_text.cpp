// What `test` found: for people, for TAP harnesses (https://testanything.org, version 13), and as JUnit XML.
#include <fmt/format.h>

#include "cli/report/documents.hpp"
#include "cli/report/failure.hpp"
#include "cli/report/text.hpp"
#include "cli/report/timeline.hpp"

namespace shunt::cli {

namespace {

constexpr std::size_t longest_timeline = 30;

// The end of it: that is where it went another way than the test expected.
std::string timeline_text(const Value& timeline, const Style& style) {
  const auto moments = moments_of(timeline);
  std::string text;
  const auto from = moments.size() > longest_timeline ? moments.size() - longest_timeline : 0;
  if (from > 0) text += style.dim(fmt::format("        ... {} lines more before\n", from));
  for (auto i = from; i < moments.size(); ++i) text += "    " + moment_text(moments[i], style) + "\n";
  return text;
}

std::string files_text(const Value& document, const Style& style, const ReadSource& read) {
  std::string text;
  for (const auto& file : member(document, "files")) {
    text += style.bold(text_at(file, "file")) + "\n";
    if (file.contains("error")) text += failure_text(error_from(file["error"]), read, style);
    for (const auto& test : member(file, "tests")) {
      const bool ok = test.value("ok", false);
      text += fmt::format("  {} {}\n", ok ? style.done_mark() : style.failed_mark(), text_at(test, "name"));
      if (ok) continue;
      text += failure_text(error_from(test["error"]), read, style) + timeline_text(member(test, "timeline"), style);
    }
  }
  return text;
}

std::string in_xml(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '&')
      safe += "&amp;";
    else if (letter == '<')
      safe += "&lt;";
    else if (letter == '>')
      safe += "&gt;";
    else if (letter == '"')
      safe += "&quot;";
    else
      safe += letter;
  }
  return safe;
}

std::string why(const Value& holder) {
  const auto error = error_from(holder["error"]);
  return fmt::format("{}:{}: {}", printable(error.where.file), error.where.line, printable(error.message));
}

}  // namespace

std::string tests_text(const Value& document, const Style& style, const ReadSource& read) {
  auto text = files_text(document, style, read) + "\n" + covered_text(document, style);
  return text + fmt::format("{} passed, {} failed\n", number_at(document, "passed"), number_at(document, "failed"));
}

std::string tests_as_tap(const Value& document, const Style&) {
  std::string text = "TAP version 13\n";
  int number = 0;
  for (const auto& file : member(document, "files")) {
    if (file.contains("error"))
      text += fmt::format("not ok {} - {}\n  # {}\n", ++number, text_at(file, "file"), why(file));
    for (const auto& test : member(file, "tests")) {
      const bool ok = test.value("ok", false);
      text +=
          fmt::format("{}ok {} - {}: {}\n", ok ? "" : "not ", ++number, text_at(file, "file"), text_at(test, "name"));
      if (!ok) text += "  # " + why(test) + "\n";
    }
  }
  return text + fmt::format("1..{}\n", number);
}

std::string tests_as_junit(const Value& document, const Style&) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& file : member(document, "files")) {
    const auto name = in_xml(text_at(file, "file"));
    std::string cases;
    std::size_t count = 0;
    std::size_t failures = 0;
    const auto add = [&](const std::string& title, double seconds, const std::string& failure) {
      ++count;
      cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", name, in_xml(title), seconds);
      cases += failure.empty() ? "/>\n"
                               : fmt::format(">\n      <failure message=\"{}\"/>\n    </testcase>\n", in_xml(failure));
      failures += failure.empty() ? 0 : 1;
    };
    if (file.contains("error")) add("loads", 0, why(file));
    for (const auto& test : member(file, "tests"))
      add(text_at(test, "name"), test.value("seconds", 0.0), test.value("ok", false) ? "" : why(test));
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n{}  </testsuite>\n", name, count,
                        failures, cases);
  }
  return text + "</testsuites>\n";
}

}  // namespace shunt::cli
