// Real containers behind a real proxy, under load: shunt is killed at random moments, and resumed.
#include <doctest/doctest.h>

#include "config/test_size.hpp"
#include "crash/killer.hpp"
#include "e2e/container_site.hpp"

using namespace shunt::e2e;
using shunt::crash::Killer;
using shunt::harness::Load;
using namespace std::chrono_literals;

namespace {

ContainerSiteOptions any_version() {
  ContainerSiteOptions options;
  options.image = "shop:v1";
  options.runtime_more = R"(command = { "/shop", "--host", "0.0.0.0", "--port", "{port}", "--version", "{version}" },)";
  options.drain = "500ms";
  return options;
}

void kill_under_load(ContainerSite& site, unsigned seed) {
  REQUIRE(site.shunt({"deploy", "v0"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = Load::hey(site.url(), 10, 600s, {"-q", "50"});
  Killer killer(site, seed, [&site] { return site.containers().size(); });
  killer.go_on_until(shunt::test::size(6, 70));
  const auto seen = load.stop();
  MESSAGE(killer.tally.kills, " kills in ", killer.tally.deployments, " deployments (", killer.tally.too_late,
          " ended before); ", seen.text());
  for (const char* server : {"blue", "green"})
    for (const char* column : {"chkdown", "downtime", "econ", "eresp", "wretr", "hrsp_5xx", "lastchg"})
      MESSAGE(std::string(server), " ", std::string(column), " ", site.proxy->stat(server, column));
  CHECK(seen.requests > 500);
  CHECK(seen.failed() == 0);
}

}  // namespace

TEST_CASE("containers of a Docker Engine") {
  ContainerSite site(any_version());
  kill_under_load(site, 4);
}

TEST_CASE("containers of Podman") {
  ContainerSite site(any_version(), shunt::harness::PodmanOptions());
  kill_under_load(site, 5);
}
