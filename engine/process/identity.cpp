#include "process/identity.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <charconv>
#include <memory>
#include <string>

namespace shunt::process {

namespace {

/// Takes the next blank-separated word off the front of `text`.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto word = text.substr(0, text.find_first_of(" \n"));
  text.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// The start of a small file; empty when it cannot be read.
std::string read_start(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  std::array<char, 1024> buffer;
  const auto size = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
}

}  // namespace

std::optional<Stat> parse_stat(std::string_view text) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 1);
  const auto state = next_word(text);
  next_word(text);  // the parent
  const auto group = number<pid_t>(next_word(text));
  constexpr int group_field = 5;
  constexpr int start_time_field = 22;
  for (int field = group_field + 1; field < start_time_field; ++field) next_word(text);
  const auto start_time = number<std::uint64_t>(next_word(text));
  if (state.size() != 1 || !group || !start_time) return std::nullopt;
  return Stat{state.front(), *group, *start_time};
}

std::optional<Stat> stat_of(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  return parse_stat(read_start("/proc/" + std::to_string(pid) + "/stat"));
}

bool group_is_alive(pid_t group) {
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir("/proc"), ::closedir);
  if (!all) return false;
  while (const dirent* entry = ::readdir(all.get())) {
    const auto pid = number<pid_t>(entry->d_name);
    if (!pid || ::getpgid(*pid) != group) continue;
    const auto stat = stat_of(*pid);
    if (stat && stat->group == group && !stat->is_dead()) return true;
  }
  return false;
}

std::optional<std::uint64_t> start_time_of(pid_t pid) {
  const auto stat = stat_of(pid);
  if (!stat || stat->is_dead()) return std::nullopt;
  return stat->start_time;
}

bool is_alive(Identity identity) {
  return identity.pid > 0 && start_time_of(identity.pid) == identity.start_time;
}

}  // namespace shunt::process
