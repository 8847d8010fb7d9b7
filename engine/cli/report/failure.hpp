// An error as its reader needs it: what, where in his own file, on what evidence, what to do.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/report/style.hpp"
#include "shunt/error.hpp"

namespace shunt::cli {

/// The text of a file that an error names; nothing when it cannot be read.
using ReadSource = std::function<std::optional<std::string>(const std::string& file)>;

/// Several lines, printable. `read` finds the author's own line; it may be empty. `severity` is the first word.
std::string failure_text(const Error& error, const ReadSource& read, const Style& style,
                         const std::string& severity = "error");

/// The lines around `line` of `text`, the one marked; "" when there is no such line.
std::string excerpt(const std::string& text, int line, const Style& style);

/// Evidence in brief: a gate's numbers, a probe's answer, what became of each hook, who holds a lock.
std::string evidence_text(const Value& evidence, const std::string& indent);

/// The ends of the instances' outputs: { id: text }, at most `lines` of each.
std::string output_text(const Value& output, std::size_t lines, const Style& style);

}  // namespace shunt::cli
