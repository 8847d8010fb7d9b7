// What a verb that changes things does when the world is not as it should be.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

TEST_CASE("something unknown serves there: 3, names adopt, nothing recorded") {
  Site site;
  shunt::harness::ShopOptions stranger;
  stranger.port = site.blue;
  shunt::harness::Shop shop(stranger);
  const auto ended = site.shunt({"deploy", "v1"});
  CHECK(ended.code == 3);
  CHECK(ended.text().find("shunt adopt") != std::string::npos);
  CHECK(site.shops().empty());
}

TEST_CASE("somebody else listens on the idle colour's port: 2, before anything") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  shunt::harness::ShopOptions stranger;
  stranger.port = site.green;
  shunt::harness::Shop shop(stranger);
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 2);
  CHECK(ended.text().find("SH1924") != std::string::npos);
  CHECK(site.serving() == "v1");
}

TEST_CASE("the live colour is down: 3, names repair, which brings it back") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.crash_instances();
  REQUIRE(eventually(5s, [&] { return site.shops().empty(); }));
  CHECK(eventually(5s, [&] { return site.shunt({"status"}).code == 1; }));
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 3);
  CHECK(ended.text().find("shunt repair") != std::string::npos);
  const auto repaired = site.shunt({"repair"});
  CAPTURE(repaired.text());
  CHECK(repaired.code == 0);
  CHECK(site.serving() == "v1");
  CHECK(site.shunt({"status"}).code == 0);
}

TEST_CASE("a proxy that forgot: 3, repair applies the recorded shares again") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.proxy->restart();
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 3);
  CHECK(ended.text().find("SH1923") != std::string::npos);
  const auto due = site.shunt({"repair", "--due"});
  CAPTURE(due.text());
  CHECK(due.code == 0);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a proxy with a state file forgets nothing when it is reloaded") {
  SiteOptions options;
  options.state_file = true;
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.proxy->reload();
  CHECK(site.serving() == "v2");
  const auto status = site.shunt({"status"});
  CAPTURE(status.text());
  CHECK(status.code == 0);
  CHECK(site.shunt({"deploy", "v3"}).code == 0);
  CHECK(site.serving() == "v3");
}

TEST_CASE("weights changed by hand: 3; repair --accept records what the proxy shows") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.proxy->command("set weight shop/blue 100");
  site.proxy->command("set weight shop/green 0");
  CHECK(site.shunt({"deploy", "v3"}).code == 3);
  const auto accepted = site.shunt({"repair", "--accept"});
  CAPTURE(accepted.text());
  CHECK(accepted.code == 0);
  CHECK(site.status()["live"]["version"] == "v1");
  CHECK(site.shunt({"deploy", "v3"}).code == 0);
  CHECK(site.serving() == "v3");
}

TEST_CASE("a mixture of colours is drift: nothing accepts it, repair ends it") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.proxy->command("set weight shop/blue 50");
  const auto status = site.shunt({"--json", "status"});
  CAPTURE(status.text());
  CHECK(status.code == 1);
  CHECK_FALSE(Json::parse(status.out)["drift"].empty());
  for (const auto* verb : {"rollback", "plan", "deploy"}) {
    INFO(verb);
    std::vector<std::string> words = {verb};
    if (words.front() != "rollback") words.emplace_back("v3");
    const auto refused = site.shunt(words);
    CHECK(refused.code == 3);
    CHECK(refused.text().find("shunt repair") != std::string::npos);
  }
  const auto accepted = site.shunt({"repair", "--accept"});
  CAPTURE(accepted.text());
  CHECK(accepted.code == 3);
  CHECK(accepted.text().find("SH1930") != std::string::npos);
  const auto repaired = site.shunt({"repair"});
  CAPTURE(repaired.text());
  CHECK(repaired.code == 0);
  CHECK(site.proxy->stat("blue", "weight") == "0");
  CHECK(site.shunt({"status"}).code == 0);
  CHECK(site.shunt({"repair", "--due"}).code == 0);
}

TEST_CASE("an algorithm that cannot be shifted: gradual is refused, blue_green goes on") {
  SiteOptions options;
  options.balance = "static-rr";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto gradual = site.shunt({"deploy", "v2", "--strategy", "gradual"});
  CAPTURE(gradual.text());
  CHECK(gradual.code == 2);
  CHECK(gradual.text().find("SH1505") != std::string::npos);
  const auto switched = site.shunt({"deploy", "v2"});
  CAPTURE(switched.text());
  CHECK(switched.code == 0);
  CHECK(site.serving() == "v2");
}

TEST_CASE("the proxy's own check says down until the deadline: rolled back, the old version serves") {
  SiteOptions options;
  options.health_timeout = "2s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.proxy->command("set server shop/green agent down");
  site.proxy->command("set server shop/green health down");
  site.proxy->command("disable health shop/green");
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(ended.text().find("SH1511") != std::string::npos);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a hosted runner without a named state is refused") {
  Site site;
  auto command = shunt::harness::Command{
      {shunt::harness::shunt_program().string(), "-f", site.app_file().string(), "deploy", "v1"},
      {{"RUNNER_ENVIRONMENT", "github-hosted"}, {"SHUNT_STATE", ""}}};
  const auto ran = shunt::harness::run(command);
  CHECK(ran.code() == 2);
  CHECK(ran.output().find("SH1928") != std::string::npos);
  CHECK(site.shunt({"deploy", "v1"}, {{"RUNNER_ENVIRONMENT", "github-hosted"}}).code == 0);
}
