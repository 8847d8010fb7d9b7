#include "adapters/proxy/nginx/words.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace shunt::nginx {

namespace {

constexpr std::size_t longest_reason = 300;
constexpr std::size_t longest_tail = 4'000;

bool is_grave(std::string_view line) {
  return line.find("[emerg]") != std::string_view::npos || line.find("[alert]") != std::string_view::npos ||
         line.find("[crit]") != std::string_view::npos;
}

}  // namespace

std::string reason_in(std::string_view text) {
  std::string last;
  std::string grave;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::erase_if(line, [](unsigned char letter) { return letter < ' ' || letter == 127; });
    if (line.empty()) continue;
    last = line;
    if (is_grave(line)) grave = line;
  }
  auto reason = grave.empty() ? last : grave.substr(grave.find('['));
  reason.resize(std::min(reason.size(), longest_reason));
  return reason;
}

std::string tail_of(std::string_view text) {
  if (text.size() <= longest_tail) return std::string(text);
  text.remove_prefix(text.size() - longest_tail);
  const auto line_end = text.find('\n');
  return std::string(text.substr(line_end == std::string_view::npos ? 0 : line_end + 1));
}

std::string log_since(const std::filesystem::path& log, std::uintmax_t from) {
  std::ifstream file(log, std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(from))) return "";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string version_in(std::string_view text) {
  constexpr std::string_view label = "nginx/";
  const auto at = text.find(label);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + label.size());
  const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
  return end == 0 ? "" : " " + std::string(text.substr(0, end));
}

bool includes(std::string_view dump, const std::filesystem::path& file) {
  constexpr std::string_view label = "# configuration file ";
  const auto real = [](const std::filesystem::path& path) {
    std::error_code error;
    auto found = std::filesystem::weakly_canonical(path, error);
    return error ? path : found;
  };
  const auto wanted = real(file);
  std::istringstream lines{std::string(dump)};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(label) && line.ends_with(':') &&
        real(line.substr(label.size(), line.size() - label.size() - 1)) == wanted)
      return true;
  return false;
}

}  // namespace shunt::nginx
