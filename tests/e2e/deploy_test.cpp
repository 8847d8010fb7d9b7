// The main job, for real: deploy, deploy again, roll back, under load.
#include <doctest/doctest.h>
#include <csignal>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::http_get;
using namespace std::chrono_literals;

TEST_CASE("a first deployment goes to blue, the next to green, a rollback back to blue") {
  Site site;
  const auto first = site.shunt({"deploy", "v1"});
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  CHECK(site.serving() == "v1");
  auto status = site.status();
  CHECK(status["live"] == Json({{"color", "blue"}, {"version", "v1"}, {"release", status["live"]["release"]}}));
  CHECK(status["services"][0]["traffic"] == Json({{"blue", 100}, {"green", 0}}));
  CHECK(status["services"][0]["instances"].size() == 1);
  CHECK(status["services"][0]["instances"][0]["healthy"] == true);
  CHECK(status["drift"].empty());
  CHECK(status["lock"].is_null());

  const auto second = site.shunt({"deploy", "v2"});
  CAPTURE(second.text());
  REQUIRE(second.code == 0);
  CHECK(site.serving() == "v2");
  status = site.status();
  CHECK(status["live"]["color"] == "green");
  CHECK(site.shops().size() == 1);  // the old one is gone

  const auto back = site.shunt({"rollback", "--reason", "just because"});
  CAPTURE(back.text());
  REQUIRE(back.code == 0);
  CHECK(site.serving() == "v1");
  CHECK(site.status()["live"]["color"] == "blue");
  CHECK(site.shunt({"rollback"}).code == 5);  // never forth to the one that was left
}

TEST_CASE("a held old version makes the rollback immediate") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  CHECK(site.shops().size() == 2);
  CHECK(site.shunt({"cleanup"}).code == 5);  // held
  const auto back = site.shunt({"--json", "rollback"});
  CAPTURE(back.text());
  REQUIRE(back.code == 0);
  CHECK(site.serving() == "v1");
  for (const auto& event : back.events()) CHECK(event.value("step", "") != "launch");
}

TEST_CASE("20 switches under raw load lose no request") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = shunt::harness::Load::wrk(site.url(), 32, 120s);
  for (int i = 0; i < 10; ++i) {
    const auto forth = site.shunt({"deploy", "v" + std::to_string(i + 2)});
    CAPTURE(forth.text());
    REQUIRE(forth.code == 0);
    const auto back = site.shunt({"rollback"});
    CAPTURE(back.text());
    REQUIRE(back.code == 0);
  }
  const auto seen = load.stop();
  MESSAGE(seen.text());
  CHECK(seen.requests > 1'000);
  CHECK(seen.non_2xx == 0);
  CHECK(seen.socket_errors == shunt::harness::LoadResult::SocketErrors{});
}

TEST_CASE("a version that never becomes ready gets no traffic and leaves nothing behind") {
  SiteOptions options;
  options.health_timeout = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto old = site.shops();
  options.command_more = "\"--unhealthy\",";
  site.configure(options);
  const auto bad = site.shunt({"deploy", "v2"});
  CAPTURE(bad.text());
  CHECK(bad.code == 1);
  CHECK(bad.text().find("SH1310") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops() == old);
}

TEST_CASE("a crash-looping version is given up early") {
  SiteOptions options;
  options.health_timeout = "60s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  options.command_more = "\"--exit\", \"3\",";
  site.configure(options);
  const auto bad = site.shunt({"deploy", "v2"});
  CAPTURE(bad.text());
  CHECK(bad.code == 1);
  CHECK(bad.text().find("SH1311") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("gradual ends at 100 %, step by step") {
  SiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 10, 50, 100 }, soak = \"200ms\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto ended = site.shunt({"--json", "deploy", "v2"});
  CAPTURE(ended.text());
  REQUIRE(ended.code == 0);
  std::vector<int> shares;
  for (const auto& event : ended.events())
    if (event.value("event", "") == "traffic") shares.push_back(event.value("green", -1));
  CHECK(shares == std::vector<int>{10, 50, 100});
  CHECK(site.serving() == "v2");
}

TEST_CASE("recreate takes the old one down first, and says so") {
  SiteOptions options;
  options.strategy = "recreate";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  REQUIRE(ended.code == 0);
  CHECK(site.serving() == "v2");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("recreate brings the old one back when the new one fails") {
  SiteOptions options;
  options.strategy = "recreate";
  options.health_timeout = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  options.command_more = "\"--unhealthy\",";
  site.configure(options);
  const auto bad = site.shunt({"deploy", "v2"});
  CAPTURE(bad.text());
  CHECK(bad.code == 1);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("Ctrl-C rolls back and ends 130") {
  SiteOptions options;
  options.options = "soak = \"30s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.serving() == "v2"; }));
  running.signal(SIGINT);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 130);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("abort rolls a running deployment back; a second deploy meanwhile is told who holds the lock") {
  SiteOptions options;
  options.options = "soak = \"30s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.serving() == "v2"; }));
  const auto other = site.shunt({"deploy", "v3"});
  CHECK(other.code == 4);
  CHECK(other.text().find(std::to_string(running.pid())) != std::string::npos);
  const auto abort = site.shunt({"abort", "--reason", "changed my mind"});
  CAPTURE(abort.text());
  CHECK(abort.code == 0);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 1);
  CHECK(running.output().find("changed my mind") != std::string::npos);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a deployment that was killed goes on with resume, whatever became of its files") {
  SiteOptions options;
  options.options = "soak = \"5s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0" && site.serving() == "v2"; }));
  running.kill();
  CHECK(site.serving() == "v2");  // instances outlive shunt
  const auto resumed = site.shunt({"resume"});
  CAPTURE(resumed.text());
  CHECK(resumed.code == 0);
  CHECK(site.serving() == "v2");
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"resume"}).code == 5);
  CHECK(site.shunt({"resume", "20200101-000000-none"}).code == 2);
  CHECK(site.shunt({"deploy", "v3", "--set", "soak=0s"}).code == 0);
  CHECK(site.serving() == "v3");
}

TEST_CASE("the next deploy ends what a killed one left") {
  SiteOptions options;
  options.options = "soak = \"4s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0" && site.serving() == "v2"; }));
  running.kill();
  const auto next = site.shunt({"deploy", "v3", "--set", "soak=0s"});
  CAPTURE(next.text());
  CHECK(next.code == 0);
  CHECK(site.serving() == "v3");
}
