// A real Podman, and its containers.
#pragma once

#include <string>
#include <vector>

#include "harness/container_engine.hpp"

namespace shunt::harness {

/// How it is started.
struct PodmanOptions {
  std::vector<std::string> flags{};  ///< anything else of `podman --help`, for all commands
  std::string folder = "podman";     ///< name of its folder: one for each Podman of a test
};

/// One `podman system service`, which answers Docker's API (1.24 to 1.41) as well as its own. No daemon: stop() and
/// kill() leave all containers running, with their published ports. Networks of users in two
/// Podmans of one test share a device.
class Podman : public ContainerEngine {
 public:
  /// Starts it in a folder of its own in `folder`, and waits until it answers. Throws std::runtime_error, with its
  /// output, when it does not within 60 seconds.
  explicit Podman(const TemporaryFolder& folder, PodmanOptions options = {});

  /// `podman --remote ARGUMENTS`; what it printed, without the end of the last line. Throws std::runtime_error, with
  /// the command and its output, when it fails.
  std::string podman(std::vector<std::string> arguments) const;

 private:
  void write_configuration() const;
};

}  // namespace shunt::harness
