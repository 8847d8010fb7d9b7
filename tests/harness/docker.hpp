// A real Docker Engine, and its containers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/certificates.hpp"
#include "harness/container_engine.hpp"

namespace shunt::harness {

/// How the daemon is started.
struct DockerOptions {
  bool live_restore = false;         ///< containers run on while the daemon is away
  bool tls = false;                  ///< it listens on 127.0.0.1 as well, for whoever shows a certificate
  std::vector<std::string> flags{};  ///< anything else of `dockerd --help`
  std::string folder = "docker";     ///< name of its folder: one for each Docker of a test
  int disk_mib = 0;  ///< its data has a file system of its own of that size (in memory); 0: the machine's
};

/// One `dockerd`, with a containerd and a bridge of its own. stop() stops its containers unless `live_restore` is set;
/// those that run on while it is away are reached at their own addresses only, because it takes what listens at
/// published ports with it. (kill() leaves them running in any case; the next start() ends them unless `live_restore`
/// is set.)
class Docker : public ContainerEngine {
 public:
  /// Starts it in a folder of its own in `folder`, and waits until it answers. Throws std::runtime_error, with its
  /// output, when it does not within 60 seconds.
  explicit Docker(const TemporaryFolder& folder, DockerOptions options = {});

  int port() const { return port_; }                                          ///< with tls: of 127.0.0.1
  std::string tls_host() const;                                               ///< with tls: "tcp://127.0.0.1:PORT"
  const Certificates& certificates() const { return certificates_.value(); }  ///< with tls: those that it knows
  std::map<std::string, std::string> tls_environment() const;                 ///< environment() for a client over TCP

  /// With disk_mib: no byte more than `spare` fits on it, until make_room().
  void fill_disk(int spare = 0) const;
  void make_room() const;

 private:
  void write_configuration() const;
  void mount_disk() const;
  std::filesystem::path data() const { return folder() / "data"; }

  DockerOptions options_;
  int port_ = 0;
  std::optional<Certificates> certificates_;
};

}  // namespace shunt::harness
