// The verb rollback, and what cleanup does with what it kept.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

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
  CHECK(site.shunt({"rollback", "--mode", "gradual"}).code == 2);  // comes later
  CHECK(site.shunt({"rollback", "--mode", "sideways"}).code == 2);
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
