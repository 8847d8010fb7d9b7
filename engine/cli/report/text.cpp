#include "cli/report/text.hpp"

#include <fmt/format.h>

namespace shunt::cli {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool continues(std::string_view text, std::size_t from, std::size_t count) {
  if (from + count > text.size()) return false;
  for (std::size_t i = from; i < from + count; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return false;
  return true;
}

// Bytes of the code point that begins here; 0 where none does. Overlong forms and surrogates are none.
std::size_t length_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(text, at + 1, 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool bad = (lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F);
    return !bad && continues(text, at + 1, 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool bad = (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next > 0x8F);
    return !bad && continues(text, at + 1, 3) ? 4 : 0;
  }
  return 0;
}

bool is_control(std::string_view point) {
  const auto first = static_cast<unsigned char>(point[0]);
  if (point.size() == 1) return first < 0x20 || first == 0x7F;
  if (point.size() == 2) return first == 0xC2 && static_cast<unsigned char>(point[1]) < 0xA0;
  // Marks that turn the direction of what follows: they can make a line read as another one.
  return point.size() == 3 && first == 0xE2 &&
         ((point[1] == '\x80' && point[2] >= '\xAA' && point[2] <= '\xAE') ||
          (point[1] == '\x81' && point[2] >= '\xA6' && point[2] <= '\xA9'));
}

// Bytes of an ANSI colour that begins here; 0 where none does.
std::size_t colour_at(std::string_view text, std::size_t at) {
  if (text[at] != '\x1b') return 0;
  const auto end = text.find('m', at);
  return end == std::string_view::npos ? 0 : end - at + 1;
}

}  // namespace

std::string printable(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = length_at(text, at);
    const auto point = text.substr(at, length == 0 ? 1 : length);
    if (point == "\n" || point == "\r" || point == "\t") {
      result += ' ';
    } else if (length == 0 || is_control(point)) {
      result += replacement;
    } else {
      result += point;
    }
    at += point.size();
  }
  return result;
}

std::vector<std::string> printable_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(printable(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto colour = colour_at(text, at); colour > 0) {
      at += colour;
      continue;
    }
    at += std::max<std::size_t>(length_at(text, at), 1);
    ++width;
  }
  return width;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  if (columns <= 3) return std::string(columns, '.');
  std::size_t at = 0;
  for (std::size_t i = 0; i + 3 < columns; ++i) at += std::max<std::size_t>(length_at(text, at), 1);
  return std::string(text.substr(0, at)) + "...";
}

std::string padded(std::string_view text, std::size_t columns) {
  const auto width = width_of(text);
  return std::string(text) + std::string(columns > width ? columns - width : 0, ' ');
}

std::string elapsed_text(std::int64_t milliseconds) {
  if (milliseconds < 100) return fmt::format("{}ms", milliseconds);
  if (milliseconds < 10'000) return fmt::format("{:.1f}s", static_cast<double>(milliseconds) / 1000);
  const auto seconds = milliseconds / 1000;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {}m", seconds / 3600, seconds % 3600 / 60);
}

std::string text_at(const Value& value, const char* key) {
  if (!value.is_object()) return "";
  const auto found = value.find(key);
  if (found == value.end() || found->is_null()) return "";
  if (found->is_string()) return printable(found->get_ref<const std::string&>());
  return printable(to_text(*found));
}

std::int64_t number_at(const Value& value, const char* key, std::int64_t otherwise) {
  if (!value.is_object()) return otherwise;
  const auto found = value.find(key);
  return found != value.end() && found->is_number() ? found->get<std::int64_t>() : otherwise;
}

const Value& member(const Value& value, const char* key) {
  static const Value none;
  if (!value.is_object()) return none;
  const auto found = value.find(key);
  return found != value.end() && found->is_structured() ? *found : none;
}

std::string measured(const Value& value) {
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  if (value.is_null()) return "unknown";
  return value.is_string() ? printable(value.get_ref<const std::string&>()) : printable(to_text(value));
}

}  // namespace shunt::cli
