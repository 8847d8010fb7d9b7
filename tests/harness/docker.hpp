// A real Docker Engine, and its containers.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/certificates.hpp"
#include "harness/enclosure.hpp"
#include "harness/folder.hpp"
#include "harness/image.hpp"
#include "harness/own_network.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// How the daemon is started.
struct DockerOptions {
  bool live_restore = false;         ///< containers stay while the daemon is away
  bool tls = false;                  ///< it listens on 127.0.0.1 as well, for whoever shows a certificate
  std::vector<std::string> flags{};  ///< anything else of `dockerd --help`
  std::string folder = "docker";     ///< name of its folder: one for each Docker of a test
};

/// One `dockerd` with a containerd, a bridge, a configuration and data of its own; takes root. Several run side by
/// side. The first of a test process moves it into a network of its own (enter_own_network()), so it comes before
/// anything else that the test starts. What a container publishes is reached from the test and what it starts, as are
/// the containers' own addresses and those on the host's network; nothing has a way outside. The user's configuration
/// of the client, and credentials, are not read.
class Docker {
 public:
  /// Starts it in a folder of its own in `folder`, and waits until it answers. Throws std::runtime_error, with its
  /// output, when it does not within 60 seconds.
  explicit Docker(const TemporaryFolder& folder, DockerOptions options = {});

  /// Ends all containers, and the daemon, at once.
  ~Docker();
  Docker(const Docker&) = delete;
  Docker& operator=(const Docker&) = delete;

  void start();    ///< again, with its data, after stop() or kill()
  void stop();     ///< as a system that shuts it down does: it stops the containers, with live_restore it lets them run
  void restart();  ///< stop, start
  void kill();     ///< the daemon and its containerd, at once; containers run on, but their published ports are gone

  /// The daemon: alive, and deaf; and back. Containers serve on.
  void freeze();
  void thaw();

  std::filesystem::path socket() const { return folder_ / "docker.sock"; }
  std::string host() const { return "unix://" + socket().string(); }

  int port() const { return port_; }                                          ///< with tls: of 127.0.0.1
  std::string tls_host() const;                                               ///< with tls: "tcp://127.0.0.1:PORT"
  const Certificates& certificates() const { return certificates_.value(); }  ///< with tls: those that it knows

  /// What a client finds this daemon by: DOCKER_HOST, and DOCKER_CONFIG in its folder. With `tls` over TCP.
  std::map<std::string, std::string> environment(bool tls = false) const;

  /// Runs a program (argv[0] is looked for in PATH) with environment() to its end.
  Ran run(const std::vector<std::string>& argv, std::chrono::milliseconds limit = std::chrono::seconds(60)) const;

  /// Runs a program where the daemon runs, so that the pids that it tells are right there, to its end.
  Ran inside(const std::vector<std::string>& argv) const;

  /// `docker ARGUMENTS`; what it printed, without the end of the last line. Throws std::runtime_error, with the command
  /// and its output, when it fails.
  std::string docker(const std::vector<std::string>& arguments) const;

  /// Gives the engine an image.
  void import_image(const Image& image) const;

  /// The daemon's processes of that name ("containerd", "containerd-shim", "docker-proxy"): see Enclosure.
  std::vector<pid_t> processes(const std::string& name) const { return enclosure_.processes(name); }

  Program& program() { return program_; }  ///< for what it printed, since its last start

 private:
  void write_configuration() const;
  bool answers() const;
  void signal(int number);

  DockerOptions options_;
  std::filesystem::path folder_;
  Bridge bridge_;
  Enclosure enclosure_;
  int port_ = 0;
  std::optional<Certificates> certificates_;
  Program program_;
};

}  // namespace shunt::harness
