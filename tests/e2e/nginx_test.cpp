// The main job behind nginx, by a link and by reloads: deploy, deploy again, roll back, and what goes wrong between.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <csignal>
#include <fstream>

#include "e2e/nginx_site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

NginxSiteOptions way(bool by_link) {
  NginxSiteOptions options;
  options.by_link = by_link;
  return options;
}

NginxSiteOptions soaking(bool by_link, const std::string& soak) {
  auto options = way(by_link);
  options.options = fmt::format("soak = \"{}\", hold = \"1h\"", soak);
  return options;
}

void deploy(NginxSite& site, const std::string& version, int code = 0) {
  const auto ended = site.shunt({"deploy", version, "--strategy", "blue_green", "--set", "soak=0s"});
  CAPTURE(ended.text());
  REQUIRE(ended.code == code);
}

// v2 has everything, in green, and the deployment soaks. The file is written a moment before nginx takes it up.
bool has_switched(NginxSite& site) {
  const auto is_told = [&] {
    const auto told = site.told();
    return told == "100" || told.find("# shunt weights 0 100") != std::string::npos;
  };
  const auto serves_v2_alone = [&] {
    for (int i = 0; i < 20; ++i)
      if (site.serving() != "v2") return false;
    return true;
  };
  return eventually(20s, is_told) && eventually(5s, serves_v2_alone) && site.soaks();
}

}  // namespace

TEST_CASE("a first deployment goes to blue, the next to green, a rollback back to blue") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    NginxSite site(way(by_link));
    deploy(site, "v1");
    CHECK(site.serving() == "v1");
    CHECK(site.status()["live"]["color"] == "blue");
    CHECK(site.status()["services"][0]["traffic"] == Json({{"blue", 100}, {"green", 0}}));
    deploy(site, "v2");
    CHECK(site.serving() == "v2");
    CHECK(site.status()["live"]["color"] == "green");
    const auto back = site.shunt({"rollback", "--reason", "just because"});
    CAPTURE(back.text());
    REQUIRE(back.code == 0);
    CHECK(site.serving() == "v1");
    const auto status = site.shunt({"status"});
    CAPTURE(status.text());
    CHECK(status.code == 0);
  }
}

TEST_CASE(
    "a version that never becomes ready gets nothing; where it was the first one nothing serves, and the next may") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    auto options = way(by_link);
    options.command_more = "\"--unhealthy\",";
    NginxSite site(options);
    deploy(site, "v0", 1);
    CHECK(site.serving().empty());
    site.configure(way(by_link));
    deploy(site, "v1");
    CHECK(site.serving() == "v1");
    site.configure(options);
    deploy(site, "v2", 1);
    CHECK(site.serving() == "v1");
    CHECK(site.shunt({"status"}).code == 0);
  }
}

TEST_CASE("a first deployment that fails after its switch is taken back to nobody") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    auto options = way(by_link);
    options.options = "soak = \"30s\"";
    NginxSite site(options);
    auto running = site.start({"deploy", "v1"});
    REQUIRE(eventually(20s, [&] { return site.serving() == "v1"; }));
    running.signal(SIGINT);
    const auto exit = running.wait(20s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 130);
    CHECK(site.serving().empty());
    deploy(site, "v2");
    CHECK(site.serving() == "v2");
    CHECK(site.shunt({"status"}).code == 0);
  }
}

TEST_CASE("an nginx that refuses the new configuration keeps the old one, and the deployment is rolled back") {
  NginxSite site(way(false));
  deploy(site, "v1");
  std::ofstream(site.nginx->config(), std::ios::app) << "no_such_directive on;\n";
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(ended.text().find("no_such_directive") != std::string::npos);
  CHECK(ended.text().find("SH1509") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shunt({"status"}).code == 0);
}

TEST_CASE("an nginx restarted during the soak keeps the shares, and the deployment goes on") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    NginxSite site(soaking(by_link, "5s"));
    deploy(site, "v1");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(has_switched(site));
    site.nginx->restart();
    CHECK(site.serving() == "v2");
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.serving() == "v2");
    site.nginx->restart();
    CHECK(site.shunt({"status"}).code == 0);
    CHECK(site.shunt({"rollback"}).code == 0);
    CHECK(site.serving() == "v1");
  }
}

TEST_CASE("shares changed by somebody else during the soak wait for an answer") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    NginxSite site(soaking(by_link, "5s"));
    deploy(site, "v1");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(has_switched(site));
    site.send_by_hand(50);
    const auto by_hand = site.told();
    REQUIRE(eventually(10s, [&] { return site.status()["deployment"]["state"] == "waiting"; }));
    CHECK(site.told() == by_hand);
    CHECK(site.shunt({"approve"}).code == 0);
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.shunt({"status"}).code == 0);
  }
}

TEST_CASE("shares changed by somebody else between two deployments are drift, until repair") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    NginxSite site(way(by_link));
    deploy(site, "v1");
    deploy(site, "v2");
    site.send_by_hand(50);
    CHECK(site.shunt({"status"}).code == 1);
    const auto refused = site.shunt({"deploy", "v3"});
    CAPTURE(refused.text());
    CHECK(refused.code == 3);
    CHECK(refused.text().find("repair") != std::string::npos);
    const auto repaired = site.shunt({"repair"});
    CAPTURE(repaired.text());
    CHECK(repaired.code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.shunt({"status"}).code == 0);
    deploy(site, "v3");
    CHECK(site.serving() == "v3");
  }
}

TEST_CASE("without a running nginx nothing begins") {
  NginxSite site(way(true));
  site.nginx->stop();
  const auto refused = site.shunt({"deploy", "v1"});
  CAPTURE(refused.text());
  CHECK(refused.code != 0);
  CHECK(refused.text().find("nginx does not run") != std::string::npos);
  site.nginx->start();
  deploy(site, "v1");
  CHECK(site.serving() == "v1");
}

TEST_CASE("a deployment killed after its switch goes on with resume") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    NginxSite site(soaking(by_link, "5s"));
    deploy(site, "v1");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(has_switched(site));
    running.kill();
    CHECK(site.serving() == "v2");
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK(resumed.code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.shunt({"status"}).code == 0);
  }
}
