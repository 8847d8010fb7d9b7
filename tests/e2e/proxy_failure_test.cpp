// A proxy that fails in the middle: traffic stays on a proven colour, and the exit code says what is needed.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

bool ended_well(int code) {
  return code == 1 || code == 3;
}

}  // namespace

TEST_CASE("the proxy hangs during the soak") {
  SiteOptions options;
  options.options = "soak = \"20s\"";
  options.more = "rollback = { timeout = \"5s\" },";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.serving() == "v2"; }));
  site.proxy->freeze();
  const auto exit = running.wait(60s);
  site.proxy->thaw();
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(ended_well(exit->code));
  const auto serving = site.serving();
  CHECK((serving == "v1" || serving == "v2"));
  const auto resumed = site.shunt({"resume"});
  CAPTURE(resumed.text());
  CHECK((resumed.code == 1 || resumed.code == 5));
  CHECK(site.serving() == "v1");
}

TEST_CASE("the proxy goes away before the switch") {
  SiteOptions options;
  options.command_more = "\"--start-delay\", \"1500\",";
  options.more = "rollback = { timeout = \"3s\" },";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.shops().size() == 2; }));
  site.proxy->stop();
  const auto exit = running.wait(60s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(ended_well(exit->code));
  CHECK(running.output().find("SH1501") != std::string::npos);
  site.proxy->start();  // it forgot its shares
  CHECK(site.serving().empty());
  const auto resumed = site.shunt({exit->code == 3 ? "resume" : "repair"});
  CAPTURE(resumed.text());
  CHECK(resumed.code == (exit->code == 3 ? 1 : 0));
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"status"}).code == 0);
}

TEST_CASE("a proxy that cannot be reached before anything: refused, nothing recorded") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.proxy->stop();
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 2);
  CHECK(site.shops().size() == 1);
}
