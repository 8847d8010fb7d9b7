// The verb rollback, and what cleanup does with what it kept.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

/// A program of its own for each version.
void write_programs(const Site& site) {
  for (const auto* version : {"v1", "v2"}) {
    const auto script = site.folder.write(fmt::format("run-{}.sh", version), "#!/bin/sh\nexec \"$@\"\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  }
}

}  // namespace

TEST_CASE("a second rollback goes further back, never forth to the bad one; then there is nothing to do") {
  Site site;
  CHECK(site.shunt({"rollback"}).code == 5);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  CHECK(site.shunt({"rollback"}).code == 5);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v3"}).code == 0);
  const auto first = site.shunt({"rollback"});
  CAPTURE(first.text());
  CHECK(first.code == 0);
  CHECK(site.serving() == "v2");
  const auto second = site.shunt({"rollback"});
  CAPTURE(second.text());
  CHECK(second.code == 0);
  CHECK(site.serving() == "v1");
  const auto third = site.shunt({"rollback"});
  CHECK(third.code == 5);
  CHECK(third.text().find("no previous release") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  REQUIRE(site.shunt({"deploy", "v4"}).code == 0);
  CHECK(site.shunt({"rollback"}).code == 0);
  CHECK(site.serving() == "v1");
}

TEST_CASE("swap keeps the version that was left, until cleanup stops it") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  const auto swapped = site.shunt({"rollback", "--mode", "swap", "--reason", "looks odd"});
  CAPTURE(swapped.text());
  CHECK(swapped.code == 0);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 2);
  CHECK(site.answers_of(site.green) >= 0);
  CHECK(site.shunt({"cleanup", "--due"}).code == 0);  // nothing has a hold
  CHECK(site.shops().size() == 2);
  const auto cleaned = site.shunt({"cleanup"});
  CAPTURE(cleaned.text());
  CHECK(cleaned.code == 0);
  CHECK(site.shops().size() == 1);
  CHECK(site.serving() == "v1");
  CHECK(site.shunt({"cleanup"}).code == 5);
  CHECK(site.shunt({"rollback", "--mode", "sideways"}).code == 2);
}

TEST_CASE("a version that a rollback has started again is as warm as one from a deployment") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  REQUIRE(site.shunt({"rollback"}).code == 0);
  const auto started_again = site.shops();
  REQUIRE(site.shunt({"deploy", "v3", "--set", "hold=1h"}).code == 0);
  const auto back = site.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(back.text().find("does not run any more") == std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops() == started_again);
}

TEST_CASE("a held colour is stopped by cleanup --due when its time is over, and not before") {
  SiteOptions options;
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2", "--set", "hold=6s"}).code == 0);
  const auto early = site.shunt({"cleanup", "--due"});
  CHECK(early.code == 0);
  CHECK(early.text().find("nothing was due") != std::string::npos);
  CHECK(site.shunt({"cleanup"}).code == 5);
  CHECK(site.shops().size() == 2);
  CHECK(eventually(
      15s,
      [&] {
        REQUIRE(site.shunt({"cleanup", "--due"}).code == 0);
        return site.shops().size() == 1;
      },
      200ms));
  CHECK(site.serving() == "v2");
  CHECK(site.shunt({"rollback"}).code == 0);  // relaunched from its stored release
  CHECK(site.serving() == "v1");
}

TEST_CASE("cleanup never stops a colour with a share") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.proxy->command("set weight shop/blue 50");
  REQUIRE(eventually(
      10s, [&] { return site.shunt({"cleanup"}).code != 5; }, 200ms));
  const auto refused = site.shunt({"cleanup"});
  CAPTURE(refused.text());
  CHECK(refused.code == 3);
  CHECK(refused.text().find("SH1923") != std::string::npos);
  CHECK(site.shops().size() == 2);
}

TEST_CASE("a rollback to a version that does not start any more: 1, the current one still serves") {
  SiteOptions options;
  options.health_timeout = "1s";
  options.wrapper = "\"./run.sh\",";
  Site site(options);
  const auto script = site.folder.write("run.sh", "#!/bin/sh\ntest -e broken && exit 1\nexec \"$@\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.folder.write("broken", "");
  const auto failed = site.shunt({"rollback"});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(site.serving() == "v2");
  CHECK(site.shops().size() == 1);
  CHECK(site.status()["live"]["version"] == "v2");
  std::filesystem::remove(site.folder / "broken");
  CHECK(site.shunt({"rollback"}).code == 0);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a rollback to a version whose program is gone is refused before anything, with the reason") {
  SiteOptions options;
  options.wrapper = "\"./run-{version}.sh\",";
  Site site(options);
  write_programs(site);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  const auto old_program = site.folder / "run-v1.sh";
  const auto aside = site.folder / "aside";
  std::filesystem::rename(old_program, aside);
  const auto history = site.shunt({"history"}).out;
  const auto refused = site.shunt({"rollback"});
  CAPTURE(refused.text());
  CHECK(refused.code == 2);
  CHECK(refused.text().find("SH1409") != std::string::npos);
  CHECK(refused.text().find("run-v1.sh") != std::string::npos);
  CHECK(site.shunt({"history"}).out == history);
  CHECK(site.serving() == "v2");
  std::filesystem::rename(aside, old_program);
  CHECK(site.shunt({"rollback"}).code == 0);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a version that still runs needs no program to go back to") {
  SiteOptions options;
  options.wrapper = "\"./run-{version}.sh\",";
  options.options = "soak = \"0s\", hold = \"1h\"";
  Site site(options);
  write_programs(site);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  std::filesystem::remove(site.folder / "run-v1.sh");
  CHECK(site.shunt({"rollback"}).code == 0);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a version that is down is a reason to roll back, not one against it") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.crash_instances();
  REQUIRE(eventually(5s, [&] { return site.shops().empty(); }));
  const auto back = site.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a gradual rollback gives both versions their share, and ends with everything on the previous one") {
  SiteOptions options;
  options.more = "rollback = { mode = \"gradual\", over = \"2s\" },";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2", "--set", "hold=1h"}).code == 0);
  auto load = shunt::harness::Load::wrk(site.url(), 8, 60s);
  const auto back = site.shunt({"--json", "rollback"});
  const auto result = load.stop();
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(result.failed() == 0);
  std::vector<int> shares;
  for (const auto& event : back.events())
    if (event.value("event", "") == "traffic") shares.push_back(event["blue"]);
  CHECK(shares == std::vector<int>{10, 25, 50, 75, 100});
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("a gradual rollback whose target fails under traffic: the shares are as they were, 3") {
  SiteOptions options;
  options.more = "rollback = { mode = \"gradual\", over = \"20s\" },";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2", "--set", "hold=1h"}).code == 0);
  auto running = site.start({"rollback"});
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "10"; }));
  site.crash_instances_of("v1");
  const auto ended = running.wait(30s);
  REQUIRE(ended);
  CAPTURE(running.output());
  CHECK(ended->code == 3);
  CHECK(running.output().find("SH1937") != std::string::npos);
  CHECK(site.serving() == "v2");
  CHECK(site.proxy->stat("blue", "weight") == "0");
  const auto repaired = site.shunt({"repair"});
  CAPTURE(repaired.text());
  CHECK(repaired.code == 0);
  CHECK(site.serving() == "v2");
  CHECK(site.shunt({"deploy", "v3"}).code == 0);
}
