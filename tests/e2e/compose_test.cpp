// Five services in Compose projects, switched as one: what the script that they used to be deployed by promised.
#include <doctest/doctest.h>

#include "e2e/tale.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

using Versions = std::vector<std::string>;

Versions all_of(const std::string& version) {
  return Versions(5, version);
}

}  // namespace

// A deployment takes its time with five services, so one story goes through all of it.
TEST_CASE("a life of five services and their database") {
  Tale tale({"soak = \"0s\"", "12s", ""});
  const auto database = tale.database();
  {
    INFO("HEALTH_CHECK_TIMEOUT is a number of seconds, or a duration");
    CHECK(tale.deploy({"deploy", "v1"}, {{"HEALTH_CHECK_TIMEOUT", "soon"}}).code == 2);
    const auto first = tale.deploy({"deploy", "v1"}, {{"HEALTH_CHECK_TIMEOUT", "300"}});
    CAPTURE(first.text());
    REQUIRE(first.code == 0);
  }
  CHECK(tale.serving() == all_of("v1"));
  const auto blue = tale.running("blue");
  CHECK(blue.size() == 5);
  const auto status = tale.deploy({"status"});
  CHECK(status.code == 0);
  CHECK(status.out.find("tale-graph-db-blue-0") != std::string::npos);

  const auto check_untouched = [&] {
    CHECK(tale.engine.docker({"ps", "-aq", "--filter", "label=shunt.color=green"}).empty());
    CHECK(tale.running("blue") == blue);
    CHECK(tale.serving() == all_of("v1"));
  };
  {
    INFO("one of five unhealthy: nothing is switched, all greens are removed, blue is not touched");
    const auto ended = tale.deploy({"deploy", "v3"}, {{"HEALTH_CHECK_TIMEOUT", "4s"}});
    CAPTURE(ended.text());
    CHECK(ended.code == 1);
    CHECK(ended.text().find("tale-rag-green-0 was not ready within 4s") != std::string::npos);
    CHECK(ended.text().find("weights of") == std::string::npos);
    check_untouched();
  }
  {
    INFO("files that are not as they should be, and an image that is nowhere");
    const auto base = tale.folder.read("compose.yml");
    const auto refused = [&](const char* version) {
      const auto ended = tale.deploy({"deploy", version});
      CHECK(ended.code == 1);
      check_untouched();
      return ended.text();
    };
    auto text = base;
    text.replace(text.find("  search:"), 9, "  other: ");
    tale.folder.write("compose.yml", text);
    CHECK(refused("v2").find("SH1440") != std::string::npos);
    tale.folder.write("compose.yml", "services: [\n");
    CHECK(refused("v2").find("SH1440") != std::string::npos);
    tale.folder.write("compose.yml", base);
    CHECK(refused("v9").find("SH1435") != std::string::npos);
  }
  const auto old_image = tale.engine.inspect("tale-search-blue", "{{.Image}}");
  {
    INFO("cleanup and a second deploy during a deploy are refused; what is under way ends well");
    shunt::harness::Program slow({{"curl", "-s", "-f", "-m", "60", tale.houses[2].proxy->url("/slow?ms=9000")}});
    auto running = tale.begin({"deploy", "v2"});
    REQUIRE(eventually(60s, [&] { return tale.running("green").size() == 5; }));
    slow.start();
    REQUIRE(eventually(60s, [&] { return tale.serving() == all_of("v2"); }));
    CHECK(tale.deploy({"cleanup"}).code == 4);
    const auto second = tale.deploy({"deploy", "v1"});
    CAPTURE(second.text());
    CHECK(second.code == 4);
    CHECK(second.text().find("deploy v2") != std::string::npos);
    const auto answered = slow.wait(30s);
    REQUIRE(answered);
    CHECK(answered->code == 0);
    CHECK(slow.out().find("v1") != std::string::npos);
    const auto exit = running.wait(60s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(tale.running("blue").empty());
    const auto networks = tale.engine.docker({"network", "ls", "--format", "{{.Name}}"});
    CHECK(networks.find("tale-green_default") != std::string::npos);
    CHECK(networks.find("tale-blue_default") == std::string::npos);
  }
  {
    INFO("after the old version was removed a rollback starts its own image, whatever its tag means by then");
    tale.engine.docker({"tag", "tale:v3", "tale:v1"});
    const auto back = tale.deploy({"rollback"});
    CAPTURE(back.text());
    CHECK(back.code == 0);
    CHECK(back.text().find("v1 does not run any more; it is started and proven first") != std::string::npos);
    CHECK(tale.serving() == all_of("v1"));
    CHECK(tale.engine.inspect("tale-search-blue", "{{.Image}}") == old_image);
  }
  {
    INFO("while the old version is held, a rollback is a switch: its containers are the same");
    const auto held = tale.running("blue");
    const auto forth = tale.deploy({"deploy", "v2", "--set", "hold=1h"});
    CAPTURE(forth.text());
    REQUIRE(forth.code == 0);
    CHECK(tale.running("blue") == held);
    const auto back = tale.deploy({"rollback", "--mode", "swap"});
    CAPTURE(back.text());
    CHECK(back.code == 0);
    CHECK(tale.serving() == all_of("v1"));
    CHECK(tale.running("blue") == held);
  }
  CHECK(tale.database() == database);
}
