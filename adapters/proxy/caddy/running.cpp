#include "adapters/proxy/caddy/running.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace shunt::caddy {

namespace {

std::string command_line_of(const std::filesystem::path& process) {
  std::ostringstream text;
  text << std::ifstream(process / "cmdline", std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

std::optional<pid_t> process_with(const std::vector<std::string>& arguments) {
  std::string wanted;
  for (const auto& one : arguments) wanted += one + '\0';
  std::optional<pid_t> found;
  std::error_code ignored;
  if (wanted.empty()) return found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size() || command_line_of(entry.path()) != wanted) continue;
    if (found) return std::nullopt;
    found = pid;
  }
  return found;
}

}  // namespace shunt::caddy
