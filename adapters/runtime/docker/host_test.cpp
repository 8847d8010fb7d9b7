#include "adapters/runtime/docker/host.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <map>

namespace shunt::adapters::docker {

namespace {

Variable variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

Host host_of(const std::string& text, std::map<std::string, std::string> values = {}) {
  const auto host = parse_host(text, variables(std::move(values)));
  REQUIRE(bool(host));
  return *host;
}

TEST_CASE("a container engine is named by its app file, by DOCKER_HOST, or stands at its usual place") {
  CHECK(host_of("").unix_socket == "/var/run/docker.sock");
  CHECK(host_of("", {{"DOCKER_HOST", "unix:///run/user/1/podman.sock"}}).unix_socket == "/run/user/1/podman.sock");
  CHECK(host_of("/run/d.sock", {{"DOCKER_HOST", "tcp://10.0.0.7:2375"}}).unix_socket == "/run/d.sock");
  CHECK(host_of("/run/d.sock").url == "http://docker");
  CHECK(host_of("/run/d.sock").is_local());
}

TEST_CASE("TCP has the ports of the docker command, and knows on which machine its containers run") {
  CHECK(host_of("tcp://10.0.0.7:99").url == "http://10.0.0.7:99");
  CHECK(host_of("tcp://10.0.0.7/").url == "http://10.0.0.7:2375");
  CHECK(host_of("https://build.example.org").url == "https://build.example.org:2376");
  CHECK(host_of("tcp://[fd00::1]").url == "http://[fd00::1]:2375");
  CHECK(host_of("tcp://[fd00::1]:5").url == "http://[fd00::1]:5");
  CHECK(host_of("tcp://[fd00::1]:5").machine == "[fd00::1]");
  CHECK(host_of("tcp://10.0.0.7:99").machine == "10.0.0.7");
  CHECK_FALSE(host_of("tcp://10.0.0.7:99").is_local());
  CHECK(host_of("tcp://localhost:99").is_local());
}

TEST_CASE("TLS takes the certificates that are there") {
  const auto folder = std::filesystem::temp_directory_path() / ("shunt-host-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "ca.pem") << "x";
  const std::map<std::string, std::string> values = {{"DOCKER_TLS_VERIFY", "1"}, {"DOCKER_CERT_PATH", folder}};
  const auto host = host_of("tcp://10.0.0.7", values);
  CHECK(host.url == "https://10.0.0.7:2376");
  CHECK(host.tls.ca_file == (folder / "ca.pem").string());
  CHECK(host.tls.cert_file.empty());
  CHECK(host_of("tcp://10.0.0.7", {{"DOCKER_CERT_PATH", folder}}).tls.empty());
  CHECK(host_of("tcp://10.0.0.7", {{"DOCKER_TLS_VERIFY", ""}}).url == "http://10.0.0.7:2375");
  std::filesystem::remove_all(folder);
}

TEST_CASE("what is no place of a container engine is refused, with what to write") {
  for (const char* text : {"docker", "unix://relative", "ssh://me@host", "tcp://", "tcp://host/path", "ftp://host"}) {
    const auto host = parse_host(text, variables({}));
    REQUIRE_FALSE(bool(host));
    CHECK(host.error().code == "SH1430");
    CHECK(host.error().message.find(text) != std::string::npos);
    CHECK_FALSE(host.error().remedy.empty());
  }
}

}  // namespace

}  // namespace shunt::adapters::docker
