// Real containers behind a real proxy, under load: shunt is killed at random moments, and resumed.
#include <doctest/doctest.h>

#include "config/test_size.hpp"
#include "crash/killer.hpp"
#include "e2e/container_site.hpp"

using namespace shunt::e2e;
using shunt::crash::Killer;
using shunt::harness::Load;
using namespace std::chrono_literals;

TEST_CASE("containers of a Docker Engine") {
  ContainerSiteOptions options;
  options.image = "shop:v1";
  options.runtime_more = R"(command = { "/shop", "--host", "0.0.0.0", "--port", "{port}", "--version", "{version}" },)";
  options.drain = "500ms";
  ContainerSite site(options);
  REQUIRE(site.shunt({"deploy", "v0"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = Load::hey(site.url(), 10, 600s, {"-q", "50"});
  Killer killer(site, 4, [&site] { return site.containers().size(); });
  killer.go_on_until(shunt::test::size(10, 70));
  const auto seen = load.stop();
  MESSAGE(killer.tally.kills, " kills in ", killer.tally.deployments, " deployments (", killer.tally.too_late,
          " ended before); ", seen.text());
  CHECK(seen.requests > 500);
  CHECK(seen.failed() == 0);
}
