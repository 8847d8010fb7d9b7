// Ctrl-C, SIGTERM, SIGHUP, and words from elsewhere.
#include <doctest/doctest.h>
#include <csignal>

#include "e2e/site.hpp"
#include "e2e/terminal.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

TEST_CASE("SIGTERM rolls back and ends 130, however often it is sent; SIGHUP goes on") {
  Site site(long_soak());
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return switched(site); }));
  running.signal(SIGHUP);
  CHECK_FALSE(running.wait(500ms));
  CHECK(site.serving() == "v2");
  running.signal(SIGTERM);
  running.signal(SIGTERM);
  running.signal(SIGTERM);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(*exit == shunt::harness::Exit{130, 0});
  CHECK(running.output().find("SH1911") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(site.status()["deployment"]["state"] == "rolled_back");
}

TEST_CASE("no pcall catches an interruption") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.folder.write("stubborn.lua",
                    "return { api = 1, summary = \"stubborn\", run = function(deploy)\n"
                    "  while true do pcall(clock.sleep, \"60s\") end\nend }\n");
  auto running = site.start({"deploy", "v2", "--strategy", "stubborn.lua"});
  REQUIRE(eventually(20s, [&] { return site.status()["deployment"]["version"] == "v2"; }));
  running.signal(SIGINT);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 130);
}

TEST_CASE("on a terminal a second Ctrl-C leaves at once, and resume ends what was left") {
  auto options = long_soak();
  options.command_more = "\"--latency\", \"6000\",";  // a request in flight that holds the drain up
  options.drain = "30s";
  options.smoke = options.verify = false;
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  Terminal terminal(site.command({"deploy", "v2"}));
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0"; }));
  auto load = shunt::harness::Load::wrk(site.url(), 4, 60s);
  REQUIRE(eventually(10s, [&] { return site.proxy->stat("green", "scur") == "4"; }));
  SUBCASE("the first one rolls back") {
    terminal.type("\x03");
  }
  SUBCASE("it rolls back already, for another reason") {
    CHECK(site.shunt({"abort"}).code == 0);
    terminal.type("\x03");
  }
  REQUIRE(eventually(10s, [&] { return site.proxy->stat("green", "weight") == "0"; }));
  CHECK_FALSE(terminal.wait(300ms));  // it drains
  terminal.type("\x03");
  const auto exit = terminal.wait(2s);
  CAPTURE(terminal.output());
  REQUIRE(exit);
  CHECK(*exit == shunt::harness::Exit{130, 0});
  CHECK(terminal.output().find("shunt resume") != std::string::npos);
  CHECK(site.shops().size() == 2);  // nothing more was done
  static_cast<void>(load.stop());
  const auto resumed = site.shunt({"resume"});
  CAPTURE(resumed.text());
  CHECK(resumed.code == 1);
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"resume"}).code == 5);
}

TEST_CASE("without a terminal a second Ctrl-C does not leave") {
  Site site(long_soak());
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return switched(site); }));
  running.signal(SIGINT);
  REQUIRE(eventually(10s, [&] { return site.proxy->stat("green", "weight") == "0"; }));
  running.signal(SIGINT);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 130);
  CHECK(site.shops().size() == 1);
  CHECK(site.status()["deployment"]["state"] == "rolled_back");
}
