// The main job behind Caddy, by a file and by its API: deploy, deploy again, roll back, and what goes wrong between.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <csignal>
#include <fstream>
#include <thread>

#include "e2e/caddy_site.hpp"
#include "e2e/chat.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

CaddySiteOptions way(bool by_file) {
  CaddySiteOptions options;
  options.by_file = by_file;
  return options;
}

CaddySiteOptions soaking(bool by_file, const std::string& soak) {
  auto options = way(by_file);
  options.options = fmt::format("soak = \"{}\", hold = \"1h\"", soak);
  return options;
}

void deploy(CaddySite& site, const std::string& version, int code = 0) {
  const auto ended = site.shunt({"deploy", version, "--strategy", "blue_green", "--set", "soak=0s"});
  CAPTURE(ended.text());
  REQUIRE(ended.code == code);
}

// v2 has everything, in green, and the deployment soaks.
bool has_switched(CaddySite& site) {
  return eventually(20s, [&] { return site.told() == "100" && site.serving() == "v2"; }) && site.soaks();
}

}  // namespace

TEST_CASE("a first deployment goes to blue, the next to green, a rollback back to blue") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    CaddySite site(way(by_file));
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

TEST_CASE("what the switch costs is told in the summary by the API, and there is nothing to tell by the file") {
  for (const bool by_file : {true, false}) {
    CaddySite site(way(by_file));
    deploy(site, "v1");
    const auto ended = site.shunt({"deploy", "v2"});
    CAPTURE(ended.text());
    CHECK(has(ended.text(), "closes every websocket") == !by_file);
    CHECK(has(site.shunt({"show"}).text(), "closes every websocket") == !by_file);
  }
}

TEST_CASE(
    "a version that never becomes ready gets nothing; where it was the first one nothing serves, and the next may") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    auto options = way(by_file);
    options.command_more = "\"--unhealthy\",";
    CaddySite site(options);
    deploy(site, "v0", 1);
    CHECK(site.serving().empty());
    site.configure(way(by_file));
    deploy(site, "v1");
    CHECK(site.serving() == "v1");
    site.configure(options);
    deploy(site, "v2", 1);
    CHECK(site.serving() == "v1");
    CHECK(site.shunt({"status"}).code == 0);
  }
}

TEST_CASE("a first deployment that fails after its switch is taken back to nobody") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    auto options = way(by_file);
    options.options = "soak = \"30s\"";
    CaddySite site(options);
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
  }
}

TEST_CASE("a Caddy that refuses the routes keeps what it runs, and the deployment ends with its words") {
  CaddySite site(way(true));
  std::ofstream(site.caddy->config(), std::ios::app) << "no_such_directive {\n";
  const auto ended = site.shunt({"deploy", "v1"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(has(ended.text(), "SH1509"));
  CHECK(site.serving().empty());
}

TEST_CASE("a Caddy restarted during the soak: the file keeps the shares, as --resume does; else they are told again") {
  for (const auto& [by_file, resume] : {std::pair(true, false), std::pair(false, true), std::pair(false, false)}) {
    INFO("by file: " << by_file << ", resume: " << resume);
    auto options = soaking(by_file, "5s");
    options.resume = resume;
    CaddySite site(options);
    deploy(site, "v1");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(has_switched(site));
    site.caddy->restart();
    if (by_file || resume) CHECK(site.serving() == "v2");
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.serving() == "v2");
    CHECK(has(running.output(), "was restarted and forgot its shares") == !(by_file || resume));
    CHECK(site.shunt({"status"}).code == 0);
    CHECK(site.shunt({"rollback"}).code == 0);
    CHECK(site.serving() == "v1");
  }
}

TEST_CASE("a reload during the soak changes nothing for the file; by the API it is an edit that waits for an answer") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    CaddySite site(soaking(by_file, "5s"));
    deploy(site, "v1");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(has_switched(site));
    site.caddy->reload();
    if (by_file) {
      CHECK(site.serving() == "v2");
    } else {
      REQUIRE(eventually(10s, [&] { return site.status()["deployment"]["state"] == "waiting"; }));
      CHECK(site.shunt({"approve"}).code == 0);
    }
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.shunt({"status"}).code == 0);
  }
}

TEST_CASE("shares changed by somebody else during the soak wait for an answer") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    CaddySite site(soaking(by_file, "10s"));
    deploy(site, "v1");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(has_switched(site));
    site.send_by_hand(50);
    REQUIRE(eventually(10s, [&] { return site.status()["deployment"]["state"] == "waiting"; }));
    CHECK(site.told() == "50");
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
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    CaddySite site(way(by_file));
    deploy(site, "v1");
    deploy(site, "v2");
    site.send_by_hand(50);
    CHECK(site.shunt({"status"}).code == 1);
    const auto refused = site.shunt({"deploy", "v3"});
    CAPTURE(refused.text());
    CHECK(refused.code == 3);
    CHECK(has(refused.text(), "repair"));
    const auto repaired = site.shunt({"repair"});
    CAPTURE(repaired.text());
    CHECK(repaired.code == 0);
    CHECK(site.serving() == "v2");
    deploy(site, "v3");
    CHECK(site.serving() == "v3");
  }
}

TEST_CASE("without a running Caddy nothing begins") {
  for (const bool by_file : {true, false}) {
    CaddySite site(way(by_file));
    site.caddy->stop();
    const auto refused = site.shunt({"deploy", "v1"});
    CAPTURE(refused.text());
    CHECK(refused.code != 0);
    CHECK(has(refused.text(), "cannot reach Caddy"));
  }
}

TEST_CASE("a deployment killed after its switch goes on with resume") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    CaddySite site(soaking(by_file, "5s"));
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

TEST_CASE("a websocket and a request of nine seconds outlive switches by the file") {
  auto options = way(true);
  options.options = "soak = \"0s\", hold = \"1h\"";
  options.drain = "500ms";
  CaddySite site(options);
  deploy(site, "v1");
  const Chat chat(site.caddy->port());
  CHECK(chat.head().starts_with("HTTP/1.1 101"));
  CHECK(has(chat.head(), "X-Version: v1"));
  shunt::harness::Program slow({{"curl", "-s", "-m", "20", site.url("/slow?ms=9000")}});
  slow.start();
  std::this_thread::sleep_for(300ms);
  for (const auto& words : {std::vector<std::string>{"deploy", "v2"}, {"rollback"}}) {
    const auto ended = site.shunt(words);
    CAPTURE(ended.text());
    CHECK(ended.code == 0);
    CHECK(chat.answers());
  }
  CHECK(slow.wait(15s));
  CHECK(has(slow.out(), "v1"));
}
