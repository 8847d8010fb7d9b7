#include "harness/docker.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void run_shop(const Docker& docker, const std::string& name, int port, const std::string& image = "shop:v1") {
  docker.docker({"run", "--detach", "--name", name, "--publish", "127.0.0.1:" + std::to_string(port) + ":8080", image});
}

bool docker_serves(int port, const std::string& version = "v1") {
  return eventually(5s, [&] { return http_get(port, "/").header("x-version") == version; });
}

std::string state_of(const Docker& docker, const std::string& container) {
  return docker.docker({"inspect", "--format", "{{.State.Status}}", container});
}

std::string address_of(const Docker& docker, const std::string& container) {
  return docker.docker({"inspect", "--format", "{{.NetworkSettings.IPAddress}}", container});
}

bool is_reached_at(const std::string& address) {
  return run({{"curl", "--noproxy", "*", "--silent", "--max-time", "2", "http://" + address + ":8080/"}}).code() == 0;
}

/// Processes in the control groups that a test process made for containers.
int containers_of(pid_t test) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto groups = text_of(entry.path() / "cgroup");
    const auto at = groups.find("/shunt-test-" + std::to_string(test) + "-");
    if (at != std::string::npos && groups.find("/docker/", at) != std::string::npos) ++count;
  }
  return count;
}

/// The control groups that a test process made.
int groups_of(pid_t test) {
  int count = 0;
  std::error_code ignored;
  for (const auto& hierarchy : std::filesystem::directory_iterator("/sys/fs/cgroup", ignored))
    for (const auto& group : std::filesystem::directory_iterator(hierarchy.path(), ignored))
      if (group.path().filename().string().starts_with("shunt-test-" + std::to_string(test) + "-")) ++count;
  return count;
}

}  // namespace

TEST_CASE("Docker serves the shop from an image, at a port of 127.0.0.1") {
  const TemporaryFolder folder;
  const Docker docker(folder);
  docker.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(docker, "shop", port);
  CHECK(docker_serves(port));
  CHECK(is_reached_at(address_of(docker, "shop")));
  CHECK(docker.docker({"exec", "shop", "sh", "-c", "echo $((6 * 7))"}) == "42");
  CHECK_THROWS_WITH(run_shop(docker, "other", port), doctest::Contains("port is already allocated"));
  CHECK_THROWS_WITH(docker.docker({"run", "no-such-image:v1"}), doctest::Contains("no-such-image"));
}

TEST_CASE("containers of one network find each other by name") {
  const TemporaryFolder folder;
  const Docker docker(folder);
  docker.import_image(instance_image());
  docker.docker({"network", "create", "back"});
  docker.docker({"run", "--detach", "--name", "database", "--network", "back", "instance:test"});
  const auto ping = [&](const std::string& network) {
    return docker.run(
        {"docker", "run", "--rm", "--network", network, "instance:test", "ping", "-c1", "-W2", "database"});
  };
  const auto answered = ping("back");
  CHECK_MESSAGE(answered.code() == 0, answered.output());
  CHECK(ping("bridge").output().find("bad address 'database'") != std::string::npos);
}

TEST_CASE("what is on the host's network listens in the test's") {
  const TemporaryFolder folder;
  const Docker docker(folder);
  docker.import_image(shop_image("shop:v1", "v1"));
  const auto port = std::to_string(free_port());
  docker.docker({"run", "--detach", "--network", "host", "shop:v1", "/shop", "--port", port, "--version", "host"});
  CHECK(docker_serves(std::stoi(port), "host"));
}

TEST_CASE("two Dockers have nothing in common") {
  const TemporaryFolder folder;
  const Docker one(folder);
  const Docker two(folder, {.folder = "docker2"});
  const auto ports = free_ports(2);
  one.import_image(shop_image("shop:v1", "v1"));
  CHECK(two.docker({"images", "--quiet"}) == "");
  two.import_image(shop_image("shop:v1", "v2"));
  for (const auto* docker : {&one, &two}) docker->docker({"network", "create", "back"});
  run_shop(one, "shop", ports[0]);
  run_shop(two, "shop", ports[1]);
  CHECK(docker_serves(ports[0], "v1"));
  CHECK(docker_serves(ports[1], "v2"));
  one.docker({"rm", "--force", "shop"});
  CHECK(docker_serves(ports[1], "v2"));
}

TEST_CASE("a restart stops the containers") {
  const TemporaryFolder folder;
  Docker docker(folder);
  docker.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(docker, "shop", port);
  REQUIRE(docker_serves(port));
  docker.stop();
  CHECK(docker.processes("containerd-shim").empty());
  CHECK(docker.run({"docker", "ps"}).code() != 0);
  docker.start();
  CHECK(state_of(docker, "shop") == "exited");
  docker.docker({"start", "shop"});
  CHECK(docker_serves(port));
}

TEST_CASE("with live restore, containers run while the daemon is away, and their ports come back with it") {
  const TemporaryFolder folder;
  Docker docker(folder, {.live_restore = true});
  docker.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(docker, "shop", port);
  REQUIRE(docker_serves(port));
  const auto address = address_of(docker, "shop");
  const auto started = docker.docker({"inspect", "--format", "{{.State.StartedAt}}", "shop"});
  for (const bool by_force : {false, true}) {
    if (by_force)
      docker.kill();
    else
      docker.stop();
    CHECK(docker.processes("containerd-shim").size() == 1);
    CHECK(is_reached_at(address));
    CHECK(http_get(port, "/").error == "connect: Connection refused");
    docker.start();
    CHECK(state_of(docker, "shop") == "running");
    CHECK(docker_serves(port));
  }
  CHECK(docker.docker({"inspect", "--format", "{{.State.StartedAt}}", "shop"}) == started);
}

TEST_CASE("a frozen Docker is deaf, and its containers serve") {
  const TemporaryFolder folder;
  Docker docker(folder);
  docker.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(docker, "shop", port);
  REQUIRE(docker_serves(port));
  docker.freeze();
  CHECK_THROWS_WITH(docker.run({"docker", "ps"}, 300ms), doctest::Contains("still running"));
  CHECK(docker_serves(port));
  docker.thaw();
  CHECK(state_of(docker, "shop") == "running");
}

TEST_CASE("Docker lets in by TCP who shows a certificate of its authority") {
  const TemporaryFolder folder;
  const Docker docker(folder, {.tls = true});
  const auto info = [&](std::map<std::string, std::string> environment) {
    return run({{"docker", "version", "--format", "{{.Server.Version}}"}, std::move(environment)});
  };
  const auto welcome = info(docker.environment(true));
  CHECK_MESSAGE(welcome.code() == 0, welcome.output());
  auto stranger = docker.environment(true);
  stranger["DOCKER_CERT_PATH"] = Certificates(folder / "strangers").folder();
  CHECK(info(stranger).err.find("certificate") != std::string::npos);
  std::filesystem::copy_file(docker.certificates().authority(), folder / "strangers/ca.pem",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(info(stranger).err.find("certificate") != std::string::npos);
  CHECK(http_get(docker.port(), "/_ping").status == 400);
}

TEST_CASE("a Docker that does not start says why") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(Docker(folder, {.flags = {"--no-such-flag"}}), doctest::Contains("unknown flag: --no-such-flag"));
}

TEST_CASE("nothing is left of a Docker") {
  const auto devices = [] { return run({{"ip", "-brief", "link"}}).out; };
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    enter_own_network();
    const auto before = devices();
    {
      const Docker docker(folder);
      docker.import_image(busybox_image());
      docker.docker({"network", "create", "back"});
      docker.docker({"run", "--detach", "--network", "back", "busybox:test"});
      CHECK(containers_of(::getpid()) == 1);
      CHECK(groups_of(::getpid()) > 0);
      CHECK(devices() != before);
    }
    CHECK(containers_of(::getpid()) == 0);
    CHECK(groups_of(::getpid()) == 0);
    CHECK(devices() == before);
    CHECK(processes_of(path).empty());
    CHECK(text_of("/proc/self/mountinfo").find(path.string()) == std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("helper: a Docker with a container, until the test is killed" * doctest::skip()) {
  const TemporaryFolder folder;
  const Docker docker(folder);
  docker.import_image(busybox_image());
  docker.docker({"run", "--detach", "busybox:test"});
  std::cout << folder.path().string() << std::endl;
  ::pause();
}

TEST_CASE("a test that is killed leaves no process of its Docker behind") {
  Program test({{"/proc/self/exe", "--no-skip", "--test-case=helper: a Docker*"}});
  test.start();
  const auto test_pid = test.pid();
  REQUIRE_MESSAGE(eventually(20s, [&] { return test.out().find("/tmp/") != std::string::npos; }), test.output());
  const auto at = test.out().find("/tmp/");
  const std::filesystem::path path = test.out().substr(at, test.out().find('\n', at) - at);
  CHECK(containers_of(test_pid) == 1);
  CHECK_FALSE(processes_of(path).empty());
  test.signal(SIGKILL);
  CHECK(test.wait(5s) == Exit{-1, SIGKILL});
  CHECK(eventually(5s, [&] { return containers_of(test_pid) == 0 && processes_of(path).empty(); }));
  std::filesystem::remove_all(path);
  { const Enclosure next(path); }  // the next one removes the groups
  CHECK(groups_of(test_pid) == 0);
}
