#include "fuzz/target.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace shunt::fuzz {

void expect(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::map<std::string, std::string> files_in(std::string_view input, const std::string& main) {
  constexpr std::string_view mark = "-- file: ";
  std::map<std::string, std::string> files;
  auto* text = &files[main];
  while (!input.empty()) {
    const auto end = std::min(input.find('\n'), input.size() - 1) + 1;
    const auto line = input.substr(0, end);
    input.remove_prefix(end);
    if (line.starts_with(mark) && line.back() == '\n') {
      text = &files[std::string(line.substr(mark.size(), line.size() - mark.size() - 1))];
    } else {
      *text += line;
    }
  }
  return files;
}

}  // namespace shunt::fuzz
