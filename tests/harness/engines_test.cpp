#include "harness/engines_test.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

#include "harness/docker.hpp"
#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/podman.hpp"
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

std::string prefix_of_groups_of(pid_t test) {
  return "shunt-test-" + std::to_string(test) + "-";
}

/// The host's network devices.
std::string devices() {
  return run({{"ip", "-brief", "link"}}).out;
}

}  // namespace

void shunt::harness::run_shop(const ContainerEngine& engine, const std::string& name, int port,
                              const std::string& image) {
  engine.docker({"run", "--detach", "--name", name, "--publish", "127.0.0.1:" + std::to_string(port) + ":8080", image});
}

bool shunt::harness::serves(int port, const std::string& version) {
  return eventually(5s, [&] { return http_get(port, "/").header("x-version") == version; });
}

bool shunt::harness::is_reached_at(const std::string& address) {
  return run({{"curl", "--noproxy", "*", "--silent", "--max-time", "2", "http://" + address + ":8080/"}}).code() == 0;
}

int shunt::harness::processes_in_containers_of(pid_t test) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto groups = text_of(entry.path() / "cgroup");
    const auto at = groups.find("/" + prefix_of_groups_of(test));
    if (at == std::string::npos) continue;
    const auto group = std::string_view(groups).substr(at, groups.find('\n', at) - at);
    if (group.find("/docker/") != group.npos || group.find("/libpod-") != group.npos) ++count;
  }
  return count;
}

int shunt::harness::groups_of(pid_t test) {
  int count = 0;
  const std::filesystem::path top = "/sys/fs/cgroup";
  std::error_code ignored;
  const auto look = [&](const std::filesystem::path& hierarchy) {
    for (const auto& group : std::filesystem::directory_iterator(hierarchy, ignored))
      if (group.path().filename().string().starts_with(prefix_of_groups_of(test))) ++count;
  };
  look(top);
  for (const auto& hierarchy : std::filesystem::directory_iterator(top, ignored)) look(hierarchy.path());
  return count;
}

TEST_CASE_TEMPLATE("an engine serves the shop from an image, at a port of 127.0.0.1", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  engine.import_image(shop_image("shop:v1", "v1", {"--latency", "1"}));
  const int port = free_port();
  run_shop(engine, "shop", port);
  CHECK(serves(port));
  CHECK(is_reached_at(engine.inspect("shop", "{{.NetworkSettings.IPAddress}}")));
  CHECK(engine.docker({"exec", "shop", "sh", "-c", "echo $((6 * 7))"}) == "42");
  CHECK(engine.docker({"run", "--rm", "shop:v1", "/shop", "--port", "1", "--version", "v1", "--log-line", "hello",
                       "--exit", "0"}) == "hello");
  CHECK_THROWS_WITH(engine.docker({"run", "no-such-image:v1"}), doctest::Contains("no-such-image"));
  CHECK_THROWS(run_shop(engine, "other", port));
}

TEST_CASE_TEMPLATE("containers of one network find each other by name", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  engine.import_image(instance_image());
  engine.docker({"network", "create", "back"});
  engine.docker({"network", "create", "front"});
  engine.docker({"run", "--detach", "--name", "database", "--network", "back", "instance:test"});
  const auto ping = [&](const std::string& network) {
    return engine.run(
        {"docker", "run", "--rm", "--network", network, "instance:test", "ping", "-c1", "-W2", "database"});
  };
  // By what it says: Podman 4.3 forgets the exit code of a container that it removes.
  const auto answered = ping("back").output();
  CHECK_MESSAGE(answered.find(" 1 packets received") != std::string::npos, answered);
  CHECK(ping("front").output().find("bad address 'database'") != std::string::npos);
}

TEST_CASE_TEMPLATE("docker compose, new and old, starts the shop", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  engine.import_image(shop_image("shop:v1", "v1"));
  using Words = std::vector<std::string>;
  for (const auto& compose : {Words{"docker", "compose"}, Words{"docker-compose"}}) {
    CAPTURE(compose.back());
    const int port = free_port();
    const auto file =
        folder.write("compose.yml", "version: '2.4'\nservices:\n  shop:\n    image: shop:v1\n    ports: ['127.0.0.1:" +
                                        std::to_string(port) + ":8080']\n");
    const auto run_compose = [&](const Words& words) {
      auto argv = compose;
      argv.insert(argv.end(), {"--project-name", "test", "--file", file});
      argv.insert(argv.end(), words.begin(), words.end());
      return engine.run(argv);
    };
    const auto up = run_compose({"up", "--detach"});
    REQUIRE_MESSAGE(up.code() == 0, up.output());
    CHECK(serves(port));
    const auto down = run_compose({"down", "--timeout", "2"});
    CHECK_MESSAGE(down.code() == 0, down.output());
    CHECK(engine.docker({"ps", "--all", "--quiet"}) == "");
  }
}

TEST_CASE_TEMPLATE("what is on the host's network listens in the test's", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  engine.import_image(shop_image("shop:v1", "v1"));
  const auto port = std::to_string(free_port());
  engine.docker({"run", "--detach", "--network", "host", "shop:v1", "/shop", "--port", port, "--version", "host"});
  CHECK(serves(std::stoi(port), "host"));
}

TEST_CASE_TEMPLATE("two engines have nothing in common", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine one(folder, {.folder = "one"});
  const Engine two(folder, {.folder = "two"});
  const auto ports = free_ports(2);
  one.import_image(shop_image("shop:v1", "v1"));
  CHECK(two.docker({"images", "--quiet"}) == "");
  two.import_image(shop_image("shop:v1", "v2"));
  run_shop(one, "shop", ports[0]);
  run_shop(two, "shop", ports[1]);
  CHECK(serves(ports[0], "v1"));
  CHECK(serves(ports[1], "v2"));
  one.docker({"rm", "--force", "shop"});
  CHECK(serves(ports[1], "v2"));
  CHECK(http_get(ports[0], "/").error == "connect: Connection refused");
}

TEST_CASE_TEMPLATE("a frozen engine is deaf, and its containers serve", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  Engine engine(folder);
  engine.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(engine, "shop", port);
  REQUIRE(serves(port));
  engine.freeze();
  CHECK_THROWS_WITH(engine.run({"docker", "ps"}, 300ms), doctest::Contains("still running"));
  CHECK(serves(port));
  engine.thaw();
  CHECK(engine.inspect("shop", "{{.State.Status}}") == "running");
}

TEST_CASE_TEMPLATE("an engine that does not start says why", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(Engine(folder, {.flags = {"--no-such-flag"}}), doctest::Contains("unknown flag: --no-such-flag"));
}

TEST_CASE_TEMPLATE("nothing is left of an engine", Engine, Docker, Podman) {
  enter_own_network();
  const auto before = devices();
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    {
      const Engine engine(folder);
      engine.import_image(busybox_image());
      engine.docker({"network", "create", "back"});
      engine.docker({"run", "--detach", "--network", "back", "busybox:test"});
      engine.docker({"run", "--detach", "--publish", "127.0.0.1::80", "busybox:test"});
      CHECK(processes_in_containers_of(::getpid()) >= 2);
      CHECK(groups_of(::getpid()) > 0);
      CHECK(devices() != before);
      CHECK(run({{"nsenter", "--net=/proc/1/ns/net", "ip", "-brief", "address"}}).out.find("198.18.") ==
            std::string::npos);
    }
    CHECK(processes_in_containers_of(::getpid()) == 0);
    CHECK(groups_of(::getpid()) == 0);
    CHECK(devices() == before);
    CHECK(processes_of(path).empty());
    CHECK(text_of("/proc/self/mountinfo").find(path.string()) == std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE_TEMPLATE("helper: an engine with a container, until the test is killed" * doctest::skip(), Engine, Docker,
                   Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  engine.import_image(busybox_image());
  engine.docker({"run", "--detach", "busybox:test"});
  std::cout << folder.path().string() << std::endl;
  ::pause();
}

TEST_CASE("a test that is killed leaves no process of its engine behind") {
  for (const std::string engine : {"Docker", "Podman"}) {
    CAPTURE(engine);
    Program test({{"/proc/self/exe", "--no-skip", "--test-case=helper: an engine*" + engine + "*"}});
    test.start();
    const auto test_pid = test.pid();
    REQUIRE_MESSAGE(eventually(20s, [&] { return test.out().find("/tmp/") != std::string::npos; }), test.output());
    const auto at = test.out().find("/tmp/");
    const std::filesystem::path path = test.out().substr(at, test.out().find('\n', at) - at);
    CHECK(processes_in_containers_of(test_pid) >= 1);
    CHECK_FALSE(processes_of(path).empty());
    test.signal(SIGKILL);
    CHECK(test.wait(5s) == Exit{-1, SIGKILL});
    CHECK(eventually(5s, [&] { return processes_in_containers_of(test_pid) == 0 && processes_of(path).empty(); }));
    // The next one removes the groups, once the kernel has let go of them.
    CHECK(eventually(10s, [&] {
      const Enclosure next(path);
      return groups_of(test_pid) == 0;
    }));
    std::filesystem::remove_all(path);
  }
}
