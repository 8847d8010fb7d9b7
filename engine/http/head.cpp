#include "http/head.hpp"

#include <algorithm>
#include <array>

namespace shunt::http {

namespace {

constexpr bool is_blank(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// Which bytes may stand in a token (RFC 9110, 5.6.2).
constexpr std::array<bool, 256> token_bytes = [] {
  std::array<bool, 256> table{};
  for (const char letter : std::string_view("!#$%&'*+-.^_`|~0123456789"))
    table[static_cast<unsigned char>(letter)] = true;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    table[static_cast<unsigned char>(letter)] = true;
    table[static_cast<unsigned char>(letter - 'a' + 'A')] = true;
  }
  return table;
}();

constexpr std::size_t usual_headers = 8;

}  // namespace

void add_line(Headers& headers, std::string_view line) {
  if (line.starts_with("HTTP/")) return headers.clear();
  const bool folded = line.starts_with(' ') || line.starts_with('\t');
  const auto text = trimmed(line);
  if (text.empty()) return;
  if (folded) {
    if (!headers.empty()) headers.back().second.append(" ").append(text);
    return;
  }
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name)) return;
  if (headers.empty()) headers.reserve(usual_headers);
  auto& header = headers.emplace_back(std::string(name), std::string(trimmed(text.substr(colon + 1))));
  std::transform(header.first.begin(), header.first.end(), header.first.begin(), lower);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char letter) { return token_bytes.at(static_cast<unsigned char>(letter)); });
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte < ' ' && letter != '\t') || byte == 0x7f;
  });
}

}  // namespace shunt::http
