#include "harness/podman.hpp"

#include <fmt/format.h>

#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

namespace shunt::harness {

namespace {

constexpr auto id_of_first_network = "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9";

// Limits: a test's root may not raise them, as runc would for Podman's own defaults.
constexpr auto containers_configuration = R"([containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
default_subnet = "{}"
default_subnet_pools = [{{"base" = "{}", "size" = 28}}]
)";

// As Docker has it without being told.
constexpr auto registries_configuration = R"([[registry]]
location = "127.0.0.1"
insecure = true
)";

}  // namespace

// Folders are given as flags, which the clean-up that Podman starts at a container's end is given, too.
Podman::Podman(const TemporaryFolder& parent, PodmanOptions options)
    : ContainerEngine(parent, options.folder, "Podman") {
  write_configuration();
  std::vector<std::string> argv = {"podman"};
  for (const auto& [flag, place] :
       std::initializer_list<std::pair<const char*, const char*>>{{"--root", "root"},
                                                                  {"--runroot", "run"},
                                                                  {"--tmpdir", "tmp"},
                                                                  {"--volumepath", "volumes"},
                                                                  {"--network-config-dir", "networks"}})
    argv.insert(argv.end(), {flag, folder() / place});
  argv.insert(argv.end(), {"--storage-driver", "overlay"});
  argv.insert(argv.end(), options.flags.begin(), options.flags.end());
  argv.insert(argv.end(), {"system", "service", "--time=0", host()});
  start_as(argv, {{"CONTAINERS_CONF", folder() / "containers.conf"},
                  {"CONTAINERS_REGISTRIES_CONF", folder() / "registries.conf"}});
}

// The first network is written as Podman would make it, but for its device: that has the same name in each Podman.
void Podman::write_configuration() const {
  std::ofstream(folder() / "containers.conf")
      << fmt::format(containers_configuration, addresses().network(), addresses().others());
  std::ofstream(folder() / "registries.conf") << registries_configuration;
  std::filesystem::create_directories(folder() / "networks");
  const nlohmann::json first_network = {
      {"name", "podman"},
      {"id", id_of_first_network},
      {"driver", "bridge"},
      {"network_interface", addresses().bridge()},
      {"created", "2000-01-01T00:00:00Z"},
      {"subnets", {{{"subnet", addresses().network()}, {"gateway", addresses().gateway()}}}},
      {"ipv6_enabled", false},
      {"internal", false},
      {"dns_enabled", false},
      {"ipam_options", {{"driver", "host-local"}}},
  };
  std::ofstream(folder() / "networks/podman.json") << first_network.dump(2) << '\n';
}

std::string Podman::podman(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "--remote");
  return output_of("podman", arguments);
}

}  // namespace shunt::harness
