#include "harness/haproxy.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/load.hpp"
#include "harness/ports.hpp"
#include "harness/shop.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

bool serves(const Haproxy& haproxy, const std::string& version) {
  return eventually(5s, [&] { return http_get(haproxy.url()).header("x-version") == version; });
}

}  // namespace

TEST_CASE("HAProxy serves, is commanded by its socket, and forgets at a restart what its state file does not hold") {
  const TemporaryFolder folder;
  const Shop blue({"v1", "blue"});
  HaproxyOptions options;
  options.servers = {{"blue", blue.port()}, {"green", free_port(), 0}};
  Haproxy haproxy(folder, options);
  INFO(haproxy.program().output());
  CHECK(serves(haproxy, "v1"));
  CHECK(haproxy.command("set server shop/green weight 40") == "");
  CHECK(haproxy.stat("green", "weight") == "40");
  CHECK(haproxy.stat("red", "weight") == "");
  CHECK(haproxy.command("no such command").find("Unknown command") != std::string::npos);
  haproxy.restart();
  CHECK(haproxy.stat("green", "weight") == "0");
}

TEST_CASE("a reload keeps what the state file holds, and loses no request") {
  const TemporaryFolder folder;
  const Shop blue({"v1", "blue"});
  const Shop green({"v2", "green"});
  HaproxyOptions options;
  options.servers = {{"blue", blue.port()}, {"green", green.port(), 0}};
  options.state_file = true;
  Haproxy haproxy(folder, options);
  REQUIRE(serves(haproxy, "v1"));
  haproxy.command("set server shop/green weight 40");
  folder.write("haproxy/state", haproxy.command("show servers state") + "\n");
  auto load = Load::hey(haproxy.url(), 4, 20s);
  haproxy.reload();
  const auto result = load.stop();
  CHECK_MESSAGE(result.failed() == 0, result.text());
  CHECK(result.requests > 0);
  CHECK(haproxy.stat("green", "weight") == "40");
}

TEST_CASE("a stopped HAProxy answers nobody, a frozen one does not answer") {
  const TemporaryFolder folder;
  const Shop blue({"v1", "blue"});
  HaproxyOptions options;
  options.servers = {{"blue", blue.port()}};
  Haproxy haproxy(folder, options);
  REQUIRE(serves(haproxy, "v1"));
  haproxy.freeze();
  CHECK(http_get(haproxy.url(), {}, 200ms).error == "timeout");
  haproxy.thaw();
  CHECK(serves(haproxy, "v1"));
  haproxy.stop();
  CHECK(http_get(haproxy.url()).error == "connect: Connection refused");
  CHECK_THROWS_AS(haproxy.command("show info"), std::runtime_error);
}

TEST_CASE("a configuration that HAProxy refuses is an error with its own words") {
  const TemporaryFolder folder;
  HaproxyOptions options;
  options.balance = "no-such-algorithm";
  CHECK_THROWS_WITH(Haproxy(folder, options), doctest::Contains("balance only supports 'roundrobin'"));
}
