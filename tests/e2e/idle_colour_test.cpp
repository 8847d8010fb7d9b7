// What stands in the idle colour's place when a deployment wants it.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::Shop;
using shunt::harness::ShopOptions;
using namespace std::chrono_literals;

namespace {

// The steps of a run, in order of their beginning.
std::vector<std::string> steps_of(const Ended& ended) {
  std::vector<std::string> steps;
  for (const auto& event : ended.events())
    if (event.value("event", "") == "step" && event.value("state", "") == "begin") steps.push_back(event["step"]);
  return steps;
}

std::size_t place_of(const std::vector<std::string>& steps, const std::string& step) {
  return static_cast<std::size_t>(std::find(steps.begin(), steps.end(), step) - steps.begin());
}

}  // namespace

TEST_CASE("an idle colour that is held is stopped before the launch, and plan says so") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  const auto before = site.shops();
  const auto plan = site.shunt({"plan", "v3"});
  CAPTURE(plan.text());
  CHECK(plan.code == 0);
  CHECK(plan.text().find("what still ran as blue of web is stopped first") != std::string::npos);
  CHECK(site.shops() == before);  // a plan has no effect
  CHECK(site.serving() == "v2");
  const auto third = site.shunt({"--json", "deploy", "v3"});
  CAPTURE(third.text());
  REQUIRE(third.code == 0);
  const auto steps = steps_of(third);
  CHECK(place_of(steps, "instances.stop") < place_of(steps, "instances.start"));
  CHECK(place_of(steps, "instances.start") < steps.size());
  CHECK(site.serving() == "v3");
  CHECK(site.shops().size() == 2);
}

TEST_CASE("an idle colour that is up without a hold is stopped before the launch") {
  SiteOptions options;
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  REQUIRE(site.shunt({"rollback", "--mode", "swap"}).code == 0);
  CHECK(site.shops().size() == 2);
  const auto plan = site.shunt({"plan", "v3"});
  CHECK(plan.text().find("what still ran as green of web is stopped first") != std::string::npos);
  const auto third = site.shunt({"--json", "deploy", "v3"});
  CAPTURE(third.text());
  REQUIRE(third.code == 0);
  const auto steps = steps_of(third);
  CHECK(place_of(steps, "instances.stop") < place_of(steps, "instances.start"));
  CHECK(site.serving() == "v3");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("an idle server that has a weight, or is out of service, is neither early nor lost") {
  SiteOptions options;
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.proxy->command("set weight shop/green 100");  // nobody is there, so it looks idle
  site.folder.write("slow.lua",
                    "return { api = 1, summary = \"waits\", run = function(deploy)\n"
                    "  local new = deploy:launch()\n  new:await_healthy()\n  clock.sleep(\"700ms\")\n"
                    "  deploy:fail(\"seen enough\")\nend }\n");
  auto load = shunt::harness::Load::hey(site.url(), 4, 60s);
  const auto failed = site.shunt({"deploy", "v2", "--strategy", "slow.lua"});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(load.stop().failed() == 0);
  CHECK(site.proxy->stat("green", "stot") == "0");  // not one request before it was asked for
  CHECK(site.proxy->stat("green", "weight") == "0");
  site.proxy->command("disable server shop/green");
  const auto second = site.shunt({"deploy", "v2"});
  CAPTURE(second.text());
  CHECK(second.code == 0);
  CHECK(site.serving() == "v2");
}

TEST_CASE("somebody else takes the idle colour's port after the launch") {
  SiteOptions options;
  options.health_timeout = "20s";
  options.command_more = "\"--start-delay\", \"1500\",";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.shops().size() == 2; }));
  ShopOptions stranger;
  stranger.port = site.green;
  stranger.version = "stranger";
  SUBCASE("and answers the health check in its place") {
    Shop shop(stranger);
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 1);
    CHECK(running.output().find("SH1312") != std::string::npos);
    CHECK(shop.program().alive());
    CHECK(shop.requests() == 0);
  }
  SUBCASE("and answers no health check") {
    stranger.flags = {"--unhealthy"};
    Shop shop(stranger);
    const auto exit = running.wait(40s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 1);
    CHECK(running.output().find("SH1311") != std::string::npos);
    CHECK(shop.program().alive());
    CHECK(shop.requests() == 0);
  }
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}
