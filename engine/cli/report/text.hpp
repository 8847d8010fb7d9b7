// Text that is fit to be shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/value.hpp"

namespace shunt::cli {

/// One line: line breaks and tabs become blanks, other control characters and what is not UTF-8 become U+FFFD, so that
/// no program's output can move the cursor, change colours or forge a line.
std::string printable(std::string_view text);

/// The same for each line of `text`.
std::vector<std::string> printable_lines(std::string_view text);

/// Columns that `text` takes: code points, ANSI colours not counted.
std::size_t width_of(std::string_view text);

/// `text` in at most `columns`, with "..." where something was left out. Without colours only.
std::string cut(std::string_view text, std::size_t columns);

/// `text` with blanks up to `columns`.
std::string padded(std::string_view text, std::size_t columns);

/// "250ms", "0.4s", "12s", "1m 5s": how long something took.
std::string elapsed_text(std::int64_t milliseconds);

/// The member as one printable line: strings as they are, other values as JSON; "" where there is none or null.
std::string text_at(const Value& value, const char* key);

/// The member as a number; `otherwise` where there is none.
std::int64_t number_at(const Value& value, const char* key, std::int64_t otherwise = 0);

/// The member if it is an object or a list, else an empty value.
const Value& member(const Value& value, const char* key);

/// A measured number as people read it: at most six digits.
std::string measured(const Value& value);

}  // namespace shunt::cli
