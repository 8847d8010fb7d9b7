// What /proc says of a process.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <optional>
#include <string_view>

#include "shunt/process.hpp"

namespace shunt::process {

/// Some fields of /proc/PID/stat.
struct Stat {
  char state = '?';  ///< 'R', 'S', 'Z' …
  pid_t group = 0;
  std::uint64_t start_time = 0;

  bool is_dead() const { return state == 'Z' || state == 'X' || state == 'x'; }
};

/// The fields in the text of such a file, or nothing when it is not one. The name in it may hold blanks and brackets.
std::optional<Stat> parse_stat(std::string_view text);

/// Nothing when there is no such process.
std::optional<Stat> stat_of(pid_t pid);

/// Whether any process of this group is alive, zombies excepted. Reads all of /proc.
bool group_is_alive(pid_t group);

}  // namespace shunt::process
