#include "harness/docker.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "harness/eventually.hpp"
#include "harness/ports.hpp"
#include "harness/unix_socket.hpp"

namespace shunt::harness {

namespace {

// A bridge is made in the test's own network: a member of the class comes too late to enter it.
std::filesystem::path prepared(const std::filesystem::path& folder) {
  enter_own_network();
  std::filesystem::create_directories(folder / "client");
  return folder;
}

std::vector<std::string> dockerd(const std::filesystem::path& folder, const std::vector<std::string>& flags) {
  std::vector<std::string> argv = {"dockerd", "--config-file", folder / "daemon.json"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return argv;
}

}  // namespace

Docker::Docker(const TemporaryFolder& folder, DockerOptions options)
    : options_(std::move(options)),
      folder_(prepared(folder / options_.folder)),
      enclosure_(folder_),
      program_({enclosure_.command(dockerd(folder_, options_.flags))}) {
  if (options_.tls) {
    port_ = free_port();
    certificates_.emplace(folder_ / "certificates");
  }
  write_configuration();
  start();
}

Docker::~Docker() {
  kill();
}

// Without packet filters: what a container publishes is answered by a process (docker-proxy) all the same, and one
// daemon would empty the tables of another one. Never `--bridge=none`, with which a daemon deletes docker0, whoever has
// made it.
void Docker::write_configuration() const {
  nlohmann::json configuration = {
      {"hosts", {host()}},
      {"data-root", folder_ / "data"},
      {"exec-root", folder_ / "exec"},
      {"pidfile", folder_ / "pid"},
      {"deprecated-key-path", folder_ / "key.json"},
      {"bridge", bridge_.name()},
      {"default-address-pools", {{{"base", bridge_.others()}, {"size", 28}}}},
      {"dns", {"127.0.0.1"}},  // where nobody is: a name that only the world knows fails at once
      {"iptables", false},
      {"ip-masq", false},
      {"storage-driver", "overlay2"},
      {"exec-opts", {"native.cgroupdriver=cgroupfs"}},
      {"live-restore", options_.live_restore},
  };
  if (options_.tls) {
    configuration["hosts"].push_back(tls_host());
    configuration["tlsverify"] = true;
    configuration["tlscacert"] = certificates().authority();
    configuration["tlscert"] = certificates().server();
    configuration["tlskey"] = certificates().server_key();
  }
  std::ofstream(folder_ / "daemon.json", std::ios::trunc) << configuration.dump(2) << '\n';
}

bool Docker::answers() const {
  try {
    return ask_socket(socket(), "GET /_ping HTTP/1.0\r\n\r\n").find(" 200 OK\r\n") != std::string::npos;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void Docker::start() {
  std::filesystem::remove(folder_ / "pid");  // of a killed one, whose number another process may have by now
  program_.start();
  const bool ready = eventually(
      std::chrono::seconds(60), [&] { return !program_.alive() || answers(); }, std::chrono::milliseconds(20));
  if (!ready || !program_.alive()) throw std::runtime_error("Docker does not start: " + program_.output());
}

// What is signalled is the daemon itself, and not the process that waits for it outside the enclosure: that one stops
// when the daemon is stopped, and takes note of nothing before it is told to go on.
void Docker::signal(int number) {
  const auto daemon = program_.alive() ? child_of(program_.pid()) : -1;
  if (daemon > 0) ::kill(daemon, number);
  if (number != SIGSTOP) program_.signal(SIGCONT);
}

void Docker::stop() {
  signal(SIGTERM);
  if (!program_.wait(std::chrono::seconds(60))) throw std::runtime_error("Docker does not stop: " + program_.output());
  kill();
}

void Docker::restart() {
  stop();
  start();
}

// Its containerd and docker-proxies are told by the kernel that it has ended.
void Docker::kill() {
  signal(SIGKILL);
  program_.wait(std::chrono::seconds(5));
  program_.kill();
  eventually(std::chrono::seconds(5),
             [&] { return processes("containerd").empty() && processes("docker-proxy").empty(); });
}

void Docker::freeze() {
  signal(SIGSTOP);
}

void Docker::thaw() {
  signal(SIGCONT);
}

std::string Docker::tls_host() const {
  return fmt::format("tcp://127.0.0.1:{}", port_);
}

std::map<std::string, std::string> Docker::environment(bool tls) const {
  std::map<std::string, std::string> result = {{"DOCKER_HOST", host()},  {"DOCKER_CONFIG", folder_ / "client"},
                                               {"DOCKER_CONTEXT", ""},   {"DOCKER_TLS_VERIFY", ""},
                                               {"DOCKER_CERT_PATH", ""}, {"DOCKER_API_VERSION", ""}};
  if (!tls) return result;
  result["DOCKER_HOST"] = tls_host();
  result["DOCKER_TLS_VERIFY"] = "1";
  result["DOCKER_CERT_PATH"] = certificates().folder();
  return result;
}

Ran Docker::run(const std::vector<std::string>& argv, std::chrono::milliseconds limit) const {
  return harness::run({argv, environment()}, limit);
}

Ran Docker::inside(const std::vector<std::string>& argv) const {
  return harness::run({enclosure_.command(argv)});
}

std::string Docker::docker(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"docker"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto ran = run(argv);
  if (ran.code() != 0) throw std::runtime_error(fmt::format("{}: {}", fmt::join(argv, " "), ran.output()));
  while (ran.out.ends_with('\n')) ran.out.pop_back();
  return ran.out;
}

void Docker::import_image(const Image& image) const {
  const auto tar = pack(image, folder_);
  const auto ran = run(import_command({"docker"}, image, tar));
  std::filesystem::remove(tar);
  if (ran.code() != 0) throw std::runtime_error("Docker does not take the image " + image.name + ": " + ran.output());
}

}  // namespace shunt::harness
