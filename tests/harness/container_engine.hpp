// What the container engines of tests have in common.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/enclosure.hpp"
#include "harness/folder.hpp"
#include "harness/image.hpp"
#include "harness/own_network.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// One daemon that answers Docker's API at a unix socket, with configuration, data, addresses and an enclosure of its
/// own; takes root. Several run side by side. The first of a test process moves it into a network of its own
/// (enter_own_network()), so it comes before anything else that the test starts. What a container publishes is reached
/// from the test and what it starts, as are the containers' own addresses and those on the host's network; nothing has
/// a way outside. The user's configuration of clients, and credentials, are not read.
class ContainerEngine {
 public:
  /// Ends all containers and the daemon at once; what they mounted, their devices and control groups are gone.
  virtual ~ContainerEngine();
  ContainerEngine(const ContainerEngine&) = delete;
  ContainerEngine& operator=(const ContainerEngine&) = delete;

  /// Again, with its data, after stop() or kill(). Throws std::runtime_error, with its output, when it does not answer
  /// within 60 seconds.
  void start();

  /// Asks the daemon to end, and returns when it has. Throws std::runtime_error, with its output, when it has not
  /// within 60 seconds.
  void stop();

  void restart();  ///< stop, start

  /// Ends the daemon and the helpers that end with it, at once. Containers run on.
  void kill();

  /// The daemon: alive, and deaf; and back. Containers serve on.
  void freeze();
  void thaw();

  std::filesystem::path socket() const { return folder_ / "api.sock"; }
  std::string host() const { return "unix://" + socket().string(); }

  /// What clients find the daemon by: DOCKER_HOST, CONTAINER_HOST (Podman's client), and DOCKER_CONFIG in its folder.
  std::map<std::string, std::string> environment() const;

  /// Runs a program (argv[0] is looked for in PATH) with environment() to its end.
  Ran run(const std::vector<std::string>& argv, std::chrono::milliseconds limit = std::chrono::seconds(60)) const;

  /// Runs a program where the daemon runs, so that the pids that it tells are right there, to its end.
  Ran inside(const std::vector<std::string>& argv) const;

  /// `docker ARGUMENTS`; what it printed, without the end of the last line. Throws std::runtime_error, with the command
  /// and its output, when it fails.
  std::string docker(const std::vector<std::string>& arguments) const { return output_of("docker", arguments); }

  /// What `docker inspect` says of a container in that form: "{{.State.Status}}", "{{.NetworkSettings.IPAddress}}".
  std::string inspect(const std::string& container, const std::string& form) const {
    return docker({"inspect", "--format", form, container});
  }

  /// Gives the engine an image.
  void import_image(const Image& image) const;

  /// From now on docker() shows a registry ("127.0.0.1:PORT") this name and password: in DOCKER_CONFIG, as `docker
  /// login` writes it, which Podman refuses for registries without TLS.
  void log_in(const std::string& registry, const std::string& user, const std::string& password) const;

  /// Its processes of that name ("containerd", "containerd-shim", "docker-proxy", "conmon"), those in containers not
  /// among them: see Enclosure.
  std::vector<pid_t> processes(const std::string& name = "") const { return enclosure_.processes(name); }

  Program& program() { return program_; }  ///< for what the daemon printed since its last start

 protected:
  /// Makes its folder, named `folder` inside `parent`. `name` is for messages.
  ContainerEngine(const TemporaryFolder& parent, const std::string& folder, std::string name);

  /// Says how the daemon is started, and starts it.
  void start_as(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env = {});

  /// `CLIENT ARGUMENTS`, as docker() does it.
  std::string output_of(const std::string& client, const std::vector<std::string>& arguments) const;

  const std::filesystem::path& folder() const { return folder_; }
  const AddressBlock& addresses() const { return addresses_; }

 private:
  bool answers() const;
  void signal(int number);

  std::string name_;
  std::filesystem::path folder_;
  AddressBlock addresses_;
  Enclosure enclosure_;
  Program program_;
};

}  // namespace shunt::harness
