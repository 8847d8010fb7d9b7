// Where a container engine lives in a test, so that all of it is gone at the end.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/program.hpp"

namespace shunt::harness {

/// Namespaces of processes and mounts, and control groups, of one engine. Its end, or the sudden one of the test, ends
/// each process that was started inside, whoever its parent is, and with the last of them the mounts are gone. Inside,
/// /run, /opt and /var/lib are empty, and /sys/fs/cgroup is a group of the enclosure's own; all else is that of the
/// machine. Takes root.
class Enclosure {
 public:
  /// Throws std::runtime_error, with what failed, when it cannot be made within ten seconds. `folder` is whose it is
  /// (processes_of).
  explicit Enclosure(const std::filesystem::path& folder);
  ~Enclosure();
  Enclosure(const Enclosure&) = delete;
  Enclosure& operator=(const Enclosure&) = delete;

  /// The command line that runs `argv` inside. Its first process waits outside for that which runs inside; a signal for
  /// the program is for child_of() it.
  std::vector<std::string> command(const std::vector<std::string>& argv) const;

  /// The processes inside that have this name (that of their program, as far as 15 bytes), "" for all; not those of
  /// containers with a namespace of their own. By the pids that the test knows them by.
  std::vector<pid_t> processes(const std::string& name = "") const;

 private:
  std::string name_;
  Program outer_;
  pid_t first_ = -1;  // of the processes inside
};

/// The process that `parent` has started first and that still runs; -1 when there is none.
pid_t child_of(pid_t parent);

}  // namespace shunt::harness
