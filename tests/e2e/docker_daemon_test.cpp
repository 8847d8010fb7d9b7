// The engine of containers is stopped, restarted, or deaf, in the middle of a deployment: clear errors, and users
// notice nothing.
#include <doctest/doctest.h>

#include <thread>

#include "e2e/container_site.hpp"
#include "e2e/switch_story.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

/// A site whose containers and their ports live on while the engine is away, as with a daemon that is upgraded.
ContainerSiteOptions slow_to_answer() {
  ContainerSiteOptions options;
  options.options = "soak = \"3s\"";
  return options;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an engine that is not there: refused before anything, and the old version serves on") {
  ContainerSite site({}, shunt::harness::PodmanOptions());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  User user(site.url());
  site.engine->stop();
  const auto refused = site.shunt({"deploy", "v2"});
  CAPTURE(refused.text());
  CHECK(refused.code == 2);
  CHECK(has(refused.text(), "SH1431"));
  CHECK(has(refused.text(), site.engine->socket().string()));
  const auto status = site.shunt({"status"});
  CHECK(has(status.text(), "cannot be reached"));
  site.engine->start();
  CHECK(site.shunt({"deploy", "v2"}).code == 0);
  CHECK(site.serving() == "v2");
  user.leave();
  CHECK(user.asked > 100);
  CHECK(user.failed == 0);
}

TEST_CASE("an engine that is restarted while the new version is watched: the deployment goes on") {
  ContainerSite site(slow_to_answer(), shunt::harness::PodmanOptions());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  User user(site.url());
  auto running = site.start({"deploy", "v2"});
  REQUIRE(site.soaks());
  site.engine->restart();
  const auto exit = running.wait(60s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(site.serving() == "v2");
  user.leave();
  CHECK(user.failed == 0);
  CHECK(site.containers() == std::vector<std::string>{"shop-web-green-0"});
}

TEST_CASE("an engine that goes away before the old version is stopped: an operator is told, and resume ends it") {
  auto options = slow_to_answer();
  options.more = "rollback = { timeout = \"10s\" },";  // which is what it may take until it gives up
  ContainerSite site(options, shunt::harness::PodmanOptions());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  User user(site.url());
  auto running = site.start({"deploy", "v2"});
  REQUIRE(site.soaks());
  site.engine->stop();
  const auto exit = running.wait(90s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK((exit->code == 1 || exit->code == 3));
  CHECK(has(running.output(), "SH1431"));
  const auto serving = site.serving();
  CHECK((serving == "v1" || serving == "v2"));
  site.engine->start();
  if (exit->code == 3) {
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK((resumed.code == 0 || resumed.code == 1));
  }
  const auto after = site.shunt({"deploy", "v3"});
  CAPTURE(after.text());
  CHECK(after.code == 0);
  CHECK(site.serving() == "v3");
  user.leave();
  CHECK(user.failed == 0);
  CHECK(site.containers().size() == 1);
}

TEST_CASE("an engine that is killed with shunt in the middle: resume goes on once it is back") {
  ContainerSite site(slow_to_answer(), shunt::harness::PodmanOptions());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  User user(site.url());
  auto running = site.start({"deploy", "v2"});
  REQUIRE(site.soaks());
  site.engine->kill();
  running.kill();
  const auto early = site.shunt({"resume"});
  CAPTURE(early.text());
  CHECK(early.code != 0);
  CHECK(has(early.text(), "SH1431"));
  site.engine->start();
  const auto resumed = site.shunt({"resume"});
  CAPTURE(resumed.text());
  CHECK((resumed.code == 0 || resumed.code == 1 || resumed.code == 5));
  const auto serving = site.serving();
  CHECK((serving == "v1" || serving == "v2"));
  CHECK(site.shunt({"status"}).code == 0);
  user.leave();
  CHECK(user.failed == 0);
  CHECK(site.containers().size() == 1);
}

// What Docker publishes at ports of the machine goes with its daemon; containers that the proxy reaches at their own
// addresses serve on; those get few requests only.
TEST_CASE("a Docker Engine that is restarted, and one that is stopped, in the middle of a deployment") {
  shunt::harness::DockerOptions engine;
  engine.live_restore = true;
  auto options = slow_to_answer();
  options.publish = false;
  options.told = true;
  ContainerSite site(options, engine);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto before = site.id_of("shop-web-blue-0");
  Trickle visitor(site.url());
  {
    INFO("restarted while the new version is watched: the deployment goes on");
    auto running = site.start({"deploy", "v2"});
    REQUIRE(site.soaks());
    site.engine->restart();
    CHECK(site.id_of("shop-web-blue-0") == before);
    const auto exit = running.wait(60s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.serving() == "v2");
  }
  {
    INFO("stopped and killed with shunt: nothing goes on without it, and all goes on with it");
    auto running = site.start({"deploy", "v3"});
    REQUIRE(site.soaks());
    site.engine->stop();
    running.kill();
    const auto early = site.shunt({"resume"});
    CAPTURE(early.text());
    CHECK(early.code != 0);
    CHECK(has(early.text(), "SH1431"));
    CHECK(has(early.text(), "web: blue unknown (unknown), green unknown (unknown)"));
    CHECK(site.serving() == "v3");
    site.engine->start();
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK((resumed.code == 0 || resumed.code == 5));
    CHECK(site.serving() == "v3");
  }
  CHECK(visitor.stop().empty());
  CHECK(visitor.requests() > 30);
  CHECK(visitor.versions().starts_with("v1 v2"));
  CHECK(visitor.versions().ends_with(" v3"));
  CHECK(site.containers().size() == 1);
}
