// What a fuzz target is: a function that any bytes may be given to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shunt::fuzz {

/// Defined once by each target. It must come back, for any bytes; whatever it throws is a finding.
void take(std::string_view input);

/// Ends the process with `what` unless it holds: that is a finding, too.
void expect(bool holds, std::string_view what);

/// Without line ends; "" has no lines.
std::vector<std::string> lines_of(std::string_view text);

/// Several files in one input: a line "-- file: NAME" begins the next one. What stands before the first is `main`.
std::map<std::string, std::string> files_in(std::string_view input, const std::string& main);

}  // namespace shunt::fuzz
