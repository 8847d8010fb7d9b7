// The proxy's socket does not do what it is told in the middle of the switch.
#include <doctest/doctest.h>

#include "e2e/switch_story.hpp"

using namespace shunt::e2e;

TEST_CASE("the socket refuses during the switch") {
  check_story(Fault::refuses, "refuses");
}

TEST_CASE("the socket hangs during the switch") {
  check_story(Fault::hangs, "hangs");
}

TEST_CASE("garbage during the switch") {
  check_story(Fault::garbage, "garbage");
}

TEST_CASE("a socket that is deaf for a moment only is asked again, and the deployment goes on") {
  Relayed relayed;
  auto& site = relayed.site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  relayed.between.fail_with(Fault::hangs);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return relayed.between.has_struck(); }));
  relayed.between.heal();
  const auto exit = running.wait(30s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(site.serving() == "v2");
}
