#include "spec/locate.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <vector>

namespace shunt {

namespace {

struct Part {
  std::string key;
  int item = 0;  ///< 1-based position in a list, 0 for a plain key
};

std::vector<Part> parts_of(const std::string& path) {
  std::vector<Part> parts;
  Part part;
  const auto finish = [&] {
    if (!part.key.empty() || part.item > 0) parts.push_back(part);
    part = Part{};
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      finish();
    } else if (path[i] == '[') {
      part.item = std::atoi(path.c_str() + i + 1);
      i = std::min(path.find(']', i), path.size() - 1);
    } else {
      part.key += path[i];
    }
  }
  finish();
  return parts;
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The position just after `key =` (or `["key"] =`), from `start` on; npos when it does not stand there.
std::size_t after_key(std::string_view text, const std::string& key, std::size_t start) {
  for (auto at = text.find(key, start); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at > 0 && is_name(text[at - 1])) continue;
    auto end = at + key.size();
    if (end < text.size() && is_name(text[end])) continue;
    end = text.find_first_not_of("\"'] \t\r\n", end);
    if (end == std::string_view::npos || text[end] != '=' || text.substr(end, 2) == "==") continue;
    return at;
  }
  return std::string_view::npos;
}

// The n-th `{` directly inside the list that opens after `start`.
std::size_t nth_table(std::string_view text, int item, std::size_t start) {
  int depth = 0;
  int seen = 0;
  for (auto at = start; at < text.size(); ++at) {
    if (text[at] == '}' && --depth <= 0) break;
    if (text[at] != '{') continue;
    ++depth;
    if (depth == 2 && ++seen == item) return at;
  }
  return start;
}

}  // namespace

int line_of(std::string_view text, const std::string& path) {
  std::size_t at = 0;
  for (const auto& part : parts_of(path)) {
    const auto found = after_key(text, part.key, at);
    if (found == std::string_view::npos) break;
    at = part.item > 0 ? nth_table(text, part.item, found) : found;
  }
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace shunt
