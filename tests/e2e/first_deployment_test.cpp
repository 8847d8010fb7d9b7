// Where nothing is recorded and nobody listens.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

std::vector<int> shares_of_blue(const Ended& ended) {
  std::vector<int> shares;
  for (const auto& event : ended.events())
    if (event.value("event", "") == "traffic") shares.push_back(event.value("blue", -1));
  return shares;
}

}  // namespace

TEST_CASE(
    "a first deployment goes to blue whatever weights the proxy shows; the first share is all of it, and it says so") {
  SiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 10, 50, 100 }, soak = \"0s\"";
  Site site(options);
  site.proxy->command("set weight shop/green 100");
  site.proxy->command("set weight shop/blue 70");
  const auto first = site.shunt({"--json", "deploy", "v1"});
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  CHECK(first.last("started")["first"] == true);
  CHECK(first.last("started")["color"] == "blue");
  REQUIRE_FALSE(shares_of_blue(first).empty());
  CHECK(shares_of_blue(first).front() == 100);
  const auto said = first.out.find("nothing served web before");
  CHECK(said != std::string::npos);
  CHECK(first.out.find("nothing served web before", said + 1) == std::string::npos);  // once, not at each share
  CHECK(site.proxy->stat("green", "weight") == "0");
  CHECK(site.status()["services"][0]["traffic"] == Json({{"blue", 100}, {"green", 0}}));
}

TEST_CASE("a first deployment that fails: 1, and it says that nothing serves") {
  SiteOptions options;
  options.health_timeout = "500ms";
  options.command_more = "\"--unhealthy\",";
  Site site(options);
  const auto failed = site.shunt({"deploy", "v1"});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(failed.text().find("nothing serves") != std::string::npos);
  CHECK(site.shops().empty());
  CHECK(site.status()["live"] == Json({{"color", nullptr}, {"version", nullptr}}));
  SUBCASE("and the next one is a first deployment again") {
    options.command_more.clear();
    site.configure(options);
    const auto next = site.shunt({"--json", "deploy", "v2"});
    CAPTURE(next.text());
    CHECK(next.code == 0);
    CHECK(next.last("started")["first"] == true);
    CHECK(site.serving() == "v2");
  }
  SUBCASE("there is nothing to roll back, to clean up, to resume, to repair") {
    for (const auto* verb : {"rollback", "cleanup", "resume", "repair", "abort", "approve", "reject"}) {
      INFO(verb);
      CHECK(site.shunt({verb}).code == 5);
    }
  }
}

TEST_CASE("a first deployment that fails after it had traffic leaves no weight and no process") {
  Site site;
  site.folder.write("late.lua",
                    "return { api = 1, summary = \"fails late\", run = function(deploy)\n"
                    "  local new = deploy:launch()\n  new:await_healthy()\n  new:smoke_test()\n  deploy:shift(100)\n"
                    "  deploy:fail(\"on purpose\", { users = 3 })\nend }\n");
  const auto failed = site.shunt({"deploy", "v1", "--strategy", "late.lua"});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(failed.text().find("SH1210") != std::string::npos);
  CHECK(failed.text().find("on purpose") != std::string::npos);
  CHECK(site.shops().empty());
  CHECK(site.proxy->stat("blue", "weight") == "0");
}

TEST_CASE("after `repair --accept` of a world where nothing serves the next deployment is a first one") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.crash_instances();
  REQUIRE(eventually(5s, [&] { return site.shops().empty() && site.proxy->stat("green", "status") == "DOWN"; }));
  const auto refused = site.shunt({"deploy", "v3"});
  CHECK(refused.code == 3);
  CHECK(refused.text().find("shunt repair --accept") != std::string::npos);
  const auto accepted = site.shunt({"repair", "--accept"});
  CAPTURE(accepted.text());
  REQUIRE(accepted.code == 0);
  CHECK(accepted.text().find("first") != std::string::npos);
  const auto next = site.shunt({"--json", "deploy", "v3"});
  CAPTURE(next.text());
  CHECK(next.code == 0);
  CHECK(next.last("started")["first"] == true);
  CHECK(next.last("started")["color"] == "blue");
  CHECK(site.serving() == "v3");
}
