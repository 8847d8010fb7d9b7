#include "shunt/json.hpp"

#include <algorithm>

namespace shunt {

namespace {

constexpr int deepest_text = 64;

}  // namespace

int depth_of_json(std::string_view text) {
  int depth = 0;
  int most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (quoted && byte == '\\') {
      ++i;
    } else if (byte == '"') {
      quoted = !quoted;
    } else if (!quoted && (byte == '[' || byte == '{')) {
      most = std::max(most, ++depth);
    } else if (!quoted && (byte == ']' || byte == '}')) {
      --depth;
    }
  }
  return most;
}

std::optional<Value> parse_json(std::string_view text) {
  if (depth_of_json(text) > deepest_text) return std::nullopt;
  auto value = Value::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

}  // namespace shunt
