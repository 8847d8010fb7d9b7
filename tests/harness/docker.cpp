#include "harness/docker.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/ports.hpp"

namespace shunt::harness {

Docker::Docker(const TemporaryFolder& parent, DockerOptions options)
    : ContainerEngine(parent, options.folder, "Docker"), options_(std::move(options)) {
  if (options_.tls) {
    port_ = free_port();
    certificates_.emplace(folder() / "certificates");
  }
  addresses().make_bridge();
  write_configuration();
  mount_disk();
  std::vector<std::string> argv = {"dockerd", "--config-file", folder() / "daemon.json"};
  argv.insert(argv.end(), options_.flags.begin(), options_.flags.end());
  start_as(argv);
}

// Without packet filters: what a container publishes is answered by a process (docker-proxy) all the same, and one
// daemon would empty the tables of another one. Never `--bridge=none`, with which a daemon deletes docker0, whoever has
// made it.
void Docker::write_configuration() const {
  nlohmann::json configuration = {
      {"hosts", {host()}},
      {"data-root", data()},
      {"exec-root", folder() / "exec"},
      {"pidfile", folder() / "pid"},
      {"deprecated-key-path", folder() / "key.json"},
      {"bridge", addresses().bridge()},
      {"default-address-pools", {{{"base", addresses().others()}, {"size", 28}}}},
      {"dns", {"127.0.0.1"}},  // where nobody is: there is no way to one who knows the world's names
      {"dns-opts", {"timeout:1", "attempts:1"}},
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
  std::ofstream(folder() / "daemon.json", std::ios::trunc) << configuration.dump(2) << '\n';
}

void Docker::mount_disk() const {
  if (options_.disk_mib == 0) return;
  std::filesystem::create_directories(data());
  const auto size = fmt::format("size={}m,mode=711", options_.disk_mib);
  const auto ran = inside({"mount", "-n", "-t", "tmpfs", "-o", size, "tmpfs", data()});
  if (ran.code() != 0) throw std::runtime_error("a disk for Docker cannot be mounted: " + ran.output());
}

void Docker::fill_disk(int spare) const {
  const auto filler = (data() / "filler").string();
  const auto ran = inside({"dd", "if=/dev/zero", "of=" + filler, "bs=4k"});
  if (ran.output().find("No space left") == std::string::npos)
    throw std::runtime_error("the disk of Docker is not full: " + ran.output());
  inside({"truncate", fmt::format("--size=-{}", spare), filler});
}

void Docker::make_room() const {
  inside({"rm", data() / "filler"});
}

std::string Docker::tls_host() const {
  return fmt::format("tcp://127.0.0.1:{}", port_);
}

std::map<std::string, std::string> Docker::tls_environment() const {
  auto result = environment();
  result["DOCKER_HOST"] = tls_host();
  result["DOCKER_TLS_VERIFY"] = "1";
  result["DOCKER_CERT_PATH"] = certificates().folder();
  return result;
}

}  // namespace shunt::harness
