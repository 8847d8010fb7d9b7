// A proxy that is restarted, or edited by somebody else, while a deployment runs.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

bool has_weight(const Site& site, const std::string& server, const std::string& weight) {
  return eventually(20s, [&] { return site.proxy->stat(server, "weight") == weight; });
}

}  // namespace

TEST_CASE("a proxy restarted during the soak is told its shares again, and the deployment goes on") {
  SiteOptions options;
  options.options = "soak = \"4s\", hold = \"1h\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(has_weight(site, "green", "100"));
  REQUIRE(has_weight(site, "blue", "0"));
  site.proxy->restart();
  const auto exit = running.wait(30s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(site.serving() == "v2");
  CHECK(running.output().find("was restarted and forgot its shares") != std::string::npos);
}

TEST_CASE("a proxy restarted in the middle of each shift is told again, and the deployment goes on") {
  SiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 20, 60, 100 }, soak = \"500ms\"";
  options.drain = "10s";
  // What its configuration says after a restart: nobody answers, or the old version alone.
  SUBCASE("it comes back with no shares at all") {
    options.configured_blue = 0;
  }
  SUBCASE("it comes back with everything on the old version") {
    options.configured_blue = 100;
  }
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--strategy", "blue_green", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  for (const auto* step : {"20", "60", "100"}) {
    REQUIRE(has_weight(site, "green", step));
    site.proxy->restart();
  }
  const auto exit = running.wait(60s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(site.serving() == "v2");
  CHECK(site.shunt({"status"}).code == 0);
}

TEST_CASE("weights changed by somebody else during the soak wait for an answer") {
  SiteOptions options;
  options.options = "soak = \"5s\", hold = \"1h\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(has_weight(site, "green", "100"));
  REQUIRE(has_weight(site, "blue", "0"));
  REQUIRE(site.soaks());
  site.proxy->command("set weight shop/blue 50");
  REQUIRE(eventually(10s, [&] { return site.status()["deployment"]["state"] == "waiting"; }));
  CHECK(site.proxy->stat("blue", "weight") == "50");

  SUBCASE("approved: applied again, goes on") {
    const auto approved = site.shunt({"approve"});
    CAPTURE(approved.text());
    CHECK(approved.code == 0);
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.proxy->stat("blue", "weight") == "0");
    CHECK(site.serving() == "v2");
  }
  SUBCASE("rejected: theirs stay, 3; repair then makes the world what the store says") {
    CHECK(site.shunt({"reject"}).code == 0);
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 3);
    CHECK(running.output().find("shunt repair") != std::string::npos);
    CHECK(site.proxy->stat("blue", "weight") == "50");
    CHECK(site.proxy->stat("green", "weight") == "100");
    CHECK(site.shunt({"deploy", "v3"}).code == 3);
    const auto repaired = site.shunt({"repair"});
    CAPTURE(repaired.text());
    CHECK(repaired.code == 0);
    CHECK(site.serving() == "v1");
    CHECK(site.proxy->stat("green", "weight") == "0");
    CHECK(site.shunt({"status"}).code == 0);
    CHECK(site.shunt({"deploy", "v3", "--set", "soak=0s"}).code == 0);
    CHECK(site.serving() == "v3");
  }
}
