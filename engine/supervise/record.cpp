#include "supervise/record.hpp"

#include <charconv>

namespace shunt::supervise {

namespace {

constexpr std::string_view header = "shunt-supervise 1\n";

/// Takes "NAME LENGTH\nVALUE\n" off the front of `bytes`.
std::optional<std::pair<std::string, std::string>> take_value(std::string_view& bytes) {
  const auto line = bytes.substr(0, bytes.find('\n'));
  const auto space = line.find(' ');
  if (line.size() == bytes.size() || space == std::string_view::npos || space == 0) return std::nullopt;
  std::size_t length = 0;
  const char* end = line.data() + line.size();
  const auto number = std::from_chars(line.data() + space + 1, end, length);
  if (number.ec != std::errc() || number.ptr != end) return std::nullopt;
  auto rest = bytes.substr(line.size() + 1);
  if (rest.size() <= length || rest[length] != '\n') return std::nullopt;
  std::pair<std::string, std::string> value(line.substr(0, space), rest.substr(0, length));
  bytes = rest.substr(length + 1);
  return value;
}

void put_value(std::string& bytes, std::string_view name, std::string_view value) {
  bytes.append(name).append(" ").append(std::to_string(value.size())).append("\n").append(value).append("\n");
}

}  // namespace

std::string encode(const Record& record) {
  std::string bytes(header);
  for (const auto& [name, value] : record) put_value(bytes, name, value);
  put_value(bytes, "end", "");
  return bytes;
}

std::optional<Record> decode(std::string_view bytes) {
  if (!bytes.starts_with(header)) return std::nullopt;
  bytes.remove_prefix(header.size());
  Record record;
  while (auto value = take_value(bytes)) {
    if (value->first == "end") return bytes.empty() && value->second.empty() ? std::optional(record) : std::nullopt;
    record.push_back(std::move(*value));
  }
  return std::nullopt;
}

std::string_view value_of(const Record& record, std::string_view name) {
  for (const auto& [known, value] : record)
    if (known == name) return value;
  return "";
}

std::vector<std::string> values_of(const Record& record, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [known, value] : record)
    if (known == name) values.push_back(value);
  return values;
}

long long number_of(const Record& record, std::string_view name, long long otherwise) {
  const auto text = value_of(record, name);
  long long number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && !text.empty() ? number : otherwise;
}

}  // namespace shunt::supervise
