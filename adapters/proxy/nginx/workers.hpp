// The processes of a running nginx, as the operating system shows them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"

namespace shunt::nginx {

struct Worker {
  pid_t pid = 0;
  std::int64_t started = 0;  ///< ms since boot, in steps of 10
  bool leaving = false;      ///< it accepts nobody any more, and ends with its last connection
};

struct Running {
  pid_t master = 0;
  std::int64_t started = 0;  ///< of the master: unix ms
  std::vector<Worker> workers;

  Running() = default;

  bool has(pid_t pid) const;
  int leaving() const;

  /// Whether its workers began after something that was changed at `modified` (unix ms, by the same clock): each
  /// generation reads the configuration as it is at its start. False without workers.
  bool has_read(std::int64_t modified) const;
};

/// Whether a process with these arguments (as in /proc/PID/cmdline) is a worker, and one that is shutting down.
bool is_worker(std::string_view cmdline);
bool is_leaving(std::string_view cmdline);

/// The nginx whose master's number stands in `pid_file`, also where that number is of a container's own processes: then
/// it is the master of that number which sees the same file. SH1501 (retryable) when there is no such file or process,
/// or the process is no master of nginx, or several masters may be meant.
Result<Running> find_nginx(const std::filesystem::path& pid_file);

/// The first folder on the way to `path` (or itself) that a worker of `running` may not enter; "" when it may enter
/// all.
std::filesystem::path closed_to(const Running& running, const std::filesystem::path& path);

/// The master's log of errors, if that is a file: by a name under which it is found whatever the master calls it.
std::filesystem::path error_log_of(const Running& running);

}  // namespace shunt::nginx
