#include "adapters/runtime/process/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace shunt::adapters::process {

namespace {

constexpr std::size_t most = 1024 * 1024;
constexpr std::size_t block = 64 * 1024;

/// Where the last `lines` lines of `text` begin; npos when it may hold fewer.
std::size_t beginning_of_last(const std::string& text, int lines) {
  if (text.empty()) return std::string::npos;
  std::size_t at = text.size() - 1;  // an end of line at the very end closes the last line, it begins none
  for (int found = 0; found < lines; ++found) {
    if (at == 0) return std::string::npos;
    at = text.rfind('\n', at - 1);
    if (at == std::string::npos) return at;
  }
  return at + 1;
}

/// Puts blocks of the file, from its end backwards, in front of `text` until that holds `lines` lines.
void prepend_until(const std::string& path, int lines, std::string& text) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  struct stat facts = {};
  auto left = ::fstat(file, &facts) == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
  while (left > 0 && text.size() < most && beginning_of_last(text, lines) == std::string::npos) {
    std::string part(std::min(left, block), '\0');
    left -= part.size();
    const auto count = ::pread(file, part.data(), part.size(), static_cast<off_t>(left));
    if (count <= 0) break;
    part.resize(static_cast<std::size_t>(count));
    text.insert(0, part);
  }
  ::close(file);
}

}  // namespace

std::string last_lines(const supervise::Paths& paths, int lines) {
  std::string text;
  if (lines <= 0) return text;
  prepend_until(paths.log(), lines, text);
  prepend_until(paths.old_log(), lines, text);
  const auto beginning = beginning_of_last(text, lines);
  if (beginning != std::string::npos) text.erase(0, beginning);
  if (text.size() <= most) return text;
  text.erase(0, text.size() - most);
  const auto line = text.find('\n');
  if (line != std::string::npos && line + 1 < text.size()) text.erase(0, line + 1);
  return text;
}

}  // namespace shunt::adapters::process
