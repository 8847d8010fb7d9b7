// What /proc says about processes. A process that may not be read counts as one that is not there.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shunt::supervise {

/// A process that can be told from a later one with the same number (until the machine is started again: boot_id).
struct Identity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< field 22 of /proc/PID/stat, clock ticks since boot
  bool operator==(const Identity&) const = default;
};

/// One line of the process table.
struct Entry {
  Identity identity;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  char state = '?';  ///< 'Z' and 'X' have ended
  std::string name;  ///< at most 15 bytes, as `ps -o comm` shows it
};

/// Nothing when there is no such process.
std::optional<Entry> entry_of(pid_t pid);

/// The numbers of every process on the machine.
std::vector<pid_t> all_pids();

/// Every process on the machine, zombies too. Takes about 10 us for each.
std::vector<Entry> all_entries();

/// Whether that very process lives; a zombie does not.
bool is_alive(Identity identity);

/// Its direct children, zombies too. One that is just being born may be missed: ask again until there is none.
std::vector<pid_t> children_of(pid_t pid);

/// `root` and everything below it.
std::vector<pid_t> tree_of(pid_t root);

/// Everything in `entries` that lives and is in `session` or descends from such a process.
std::vector<Identity> session_tree(const std::vector<Entry>& entries, pid_t session);

/// Whether the environment that the process was started with holds exactly `assignment` ("NAME=VALUE").
bool was_given(pid_t pid, const std::string& assignment);

/// Unix ms at which it was started, to a hundredth of a second; 0 when that cannot be known.
std::int64_t started_ms(Identity identity);

/// Memory that a process has resident, in bytes; 0 when it is gone.
std::int64_t resident_bytes(pid_t pid);

/// Sends a signal to that very process, with `value` where there is one (sigqueue). False, with errno, when that
/// failed: ESRCH when the process is gone.
bool send_signal(Identity identity, int signal, std::optional<int> value = std::nullopt);

/// Different after each start of the machine; "" when it cannot be read.
std::string boot_id();

/// A whole small file, or nothing when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace shunt::supervise
