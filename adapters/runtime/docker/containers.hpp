// The containers of one engine: a single, small thing per function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/runtime/docker/container.hpp"
#include "adapters/runtime/docker/daemon.hpp"

namespace shunt::adapters::docker {

/// Failures are those of Daemon; what an engine refuses is SH1434 unless said otherwise. Loop thread only.
class Containers {
 public:
  explicit Containers(Daemon& daemon) : daemon_(daemon) {}

  /// By name or id; nothing when there is none.
  Task<Result<std::optional<Container>>> find(std::string name);

  /// All that have those labels ("NAME=VALUE"), whether they run or not, and all that run where there is none given.
  Task<Result<std::vector<Container>>> with(std::vector<std::string> labels);

  /// Its id. Nothing when somebody else made one of that name in between; SH1401 when it cannot be made.
  Task<Result<std::optional<std::string>>> create(std::string name, Value body);

  /// SH1401 when it cannot be started. A container that runs is started already.
  Task<Result<void>> start(std::string name, std::string id);
  Task<Result<void>> connect(std::string name, std::string network, Value body);

  /// Its stop signal, `grace` (in whole seconds, rounded up), KILL. SH1403 when it does not end. One that is gone, or
  /// has ended, is a success.
  Task<Result<void>> stop(std::string name, std::string id, Milliseconds grace);

  /// With its nameless volumes, when it has ended; returns when it is gone. SH1403 when it stays.
  Task<Result<void>> remove(std::string name, std::string id);

  /// The last `lines` lines of both streams, oldest first.
  Task<Result<std::string>> output(Container container, int lines);

  /// Bytes in use, without what the kernel only keeps because there is room.
  Task<Result<std::int64_t>> memory(std::string id);

  /// The exit status of its last end, as far as the engine remembers.
  Task<std::optional<int>> last_exit(Container container);

 private:
  Daemon& daemon_;
};

}  // namespace shunt::adapters::docker
