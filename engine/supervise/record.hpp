// The one text format of this folder: named values of any bytes, for pipes and small files alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shunt::supervise {

/// Values in order; a name may come more than once. Names are lower-case words, values are any bytes.
using Record = std::vector<std::pair<std::string, std::string>>;

/// "shunt-supervise 1\n", then "NAME LENGTH\nVALUE\n" for each value, then "end 0\n\n": what was cut off is noticed.
std::string encode(const Record& record);

/// Nothing when `bytes` are not such a record, whole and with nothing behind it.
std::optional<Record> decode(std::string_view bytes);

/// The first value of that name, or "".
std::string_view value_of(const Record& record, std::string_view name);

/// All values of that name.
std::vector<std::string> values_of(const Record& record, std::string_view name);

/// A decimal number, or `otherwise` when there is none.
long long number_of(const Record& record, std::string_view name, long long otherwise = 0);

}  // namespace shunt::supervise
