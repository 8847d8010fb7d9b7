// What the verbs that look show to people; each takes the document that `--json` prints.
#pragma once

#include <string>
#include <vector>

#include "cli/report/failure.hpp"
#include "cli/report/style.hpp"
#include "shunt/value.hpp"

namespace shunt::cli {

std::string status_text(const Value& status, const Style& style);
std::string history_text(const Value& runs, const Style& style);
std::string show_text(const Value& run, const Style& style);
std::string doctor_text(const Value& document, const Style& style);
std::string plan_text(const Value& plan, const Style& style);
std::string simulate_text(const Value& document, const Style& style);

/// The lines of scripts that were reached, of a document with `coverage`.
std::string covered_text(const Value& document, const Style& style);

std::string tests_text(const Value& document, const Style& style, const ReadSource& read);
std::string tests_as_tap(const Value& document, const Style& style);
std::string tests_as_junit(const Value& document, const Style& style);

/// The head of `show`: which deployment, by whom, how it stands.
std::string show_head(const Value& run, const Style& style);

/// The end of `show`: what serves, why it failed, the instances' last output.
std::string show_end(const Value& run, const Style& style);

/// "web: blue 90 % (v1), green 10 % (v2)" for every service of a status document.
std::vector<std::string> serving_lines(const Value& status);

}  // namespace shunt::cli
