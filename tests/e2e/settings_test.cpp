// What the command line and the environment say beside the app file.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// How long the health check was waited for, as the message says.
Ended unhealthy(Site& site, const std::string& timeout) {
  return site.shunt({"deploy", "v1"}, {{"HEALTH_CHECK_TIMEOUT", timeout}, {"HEALTH_CHECK_INTERVAL", "50ms"}});
}

}  // namespace

TEST_CASE("HEALTH_CHECK_TIMEOUT and DRAIN_TIMEOUT win over the file, with a unit or in seconds") {
  SiteOptions options;
  options.health_timeout = "50s";
  options.command_more = "\"--unhealthy\",";
  Site site(options);
  auto ended = unhealthy(site, "1");
  CHECK(ended.code == 1);
  CHECK(has(ended.text(), "was not ready within 1s"));
  ended = unhealthy(site, "300ms");
  CHECK(ended.code == 1);
  CHECK(has(ended.text(), "was not ready within 300ms"));
  ended = unhealthy(site, "soon");
  CHECK(ended.code == 2);
  CHECK(has(ended.text(), "HEALTH_CHECK_TIMEOUT"));
  CHECK(has(ended.text(), "SH1006"));
  CHECK(site.shunt({"plan", "v1"}, {{"DRAIN_TIMEOUT", "later"}}).code == 2);
  CHECK(site.shunt({"plan", "v1"}, {{"HEALTH_CHECK_TIMEOUT", "180s"}}).code == 0);

  options.command_more = "\"--latency\", \"3000\",";
  options.drain = "50s";
  options.smoke = options.verify = false;
  site.configure(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = shunt::harness::Load::wrk(site.url(), 2, 60s);
  const auto began = std::chrono::steady_clock::now();
  const auto second = site.shunt({"deploy", "v2"}, {{"DRAIN_TIMEOUT", "1"}});
  static_cast<void>(load.stop());
  CAPTURE(second.text());
  CHECK(second.code == 0);
  CHECK(std::chrono::steady_clock::now() - began < 30s);
}

TEST_CASE("--set: of the wrong type, unknown, or no setting at all: 2, before anything") {
  Site site;
  const auto wrong = site.shunt({"deploy", "v1", "--set", "soak=often"});
  CHECK(wrong.code == 2);
  CHECK(has(wrong.text(), "SH1008"));
  CHECK(has(wrong.text(), "soak"));
  const auto list = site.shunt({"deploy", "v1", "--strategy", "gradual", "--set", "steps=ten"});
  CHECK(list.code == 2);
  CHECK(has(list.text(), "steps"));
  const auto unknown = site.shunt({"deploy", "v1", "--set", "saok=1s"});
  CHECK(unknown.code == 2);
  CHECK(has(unknown.text(), "SH1007"));
  CHECK(has(unknown.text(), "soak"));
  CHECK(site.shunt({"deploy", "v1", "--set", "soak"}).code == 2);
  CHECK(site.shunt({"deploy", "v1", "--strategy", "blue_gren"}).code == 2);
  CHECK(site.shops().empty());
  CHECK_FALSE(has(site.shunt({"history"}).out, "v1"));  // none of them was recorded
}

TEST_CASE("--force wants a reason, which is kept") {
  Site site;
  const auto refused = site.shunt({"deploy", "v1", "--force"});
  CHECK(refused.code == 2);
  CHECK(has(refused.text(), "--reason"));
  CHECK(site.shops().empty());
  CHECK(site.shunt({"deploy", "v1", "--force", "--reason", "the fair is tomorrow"}).code == 0);
  CHECK(has(site.shunt({"show"}).out, "the fair is tomorrow"));
}

TEST_CASE("outside its window nothing is deployed, unless it is forced with a reason; a rollback is always possible") {
  SiteOptions options;
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  options.more = "window = { freeze = { { from = \"2000-01-01\", to = \"2999-12-31\", reason = \"the sale\" } } },";
  site.configure(options);
  for (const auto* verb : {"deploy", "plan"}) {
    const auto refused = site.shunt({verb, "v2"});
    CAPTURE(refused.text());
    CHECK(refused.code == 2);
    CHECK(has(refused.text(), "SH1938"));
    CHECK(has(refused.text(), "the sale"));
  }
  CHECK(site.serving() == "v1");
  const auto forced = site.shunt({"deploy", "v2", "--force", "--reason", "a hole in the shop"});
  CAPTURE(forced.text());
  CHECK(forced.code == 0);
  CHECK(has(forced.text(), "overridden: nothing is deployed from 2000-01-01 to 2999-12-31: the sale"));
  CHECK(site.shunt({"rollback"}).code == 0);
}

TEST_CASE("without room on the disk nothing begins, unless it is forced") {
  Site site;
  // A file system of its own that is nearly full from the start.
  const auto small = site.folder / "state";
  std::filesystem::create_directory(small);
  REQUIRE(shunt::harness::run({{"mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", small.string()}}).code() == 0);
  const auto refused = site.shunt({"deploy", "v1"});
  const auto forced = site.shunt({"deploy", "v1", "--force", "--reason", "it is a small app"});
  CAPTURE(refused.text() + forced.text());
  CHECK(refused.code == 2);
  CHECK(has(refused.text(), "SH1940"));
  CHECK(has(refused.text(), "32 MiB left"));
  CHECK(forced.code == 0);
  CHECK(site.serving() == "v1");
  shunt::harness::end_processes_of(site.folder.path());
  CHECK(shunt::harness::run({{"umount", "-l", small.string()}}).code() == 0);
}

TEST_CASE("checks run before anything starts; one that fails ends it") {
  SiteOptions options;
  options.more = "checks = { { name = \"unit tests\", command = { \"sh\", \"-c\", \"echo 3 failed; exit 1\" } } },";
  Site site(options);
  const auto failed = site.shunt({"deploy", "v1"});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(has(failed.text(), "SH1314"));
  CHECK(has(failed.text(), "unit tests"));
  CHECK(site.shops().empty());
  options.more = "checks = { { name = \"slow\", command = { \"sleep\", \"60\" }, timeout = \"300ms\" } },";
  site.configure(options);
  CHECK(site.shunt({"deploy", "v1"}).code == 1);
  options.more = "checks = { { name = \"unit tests\", command = { \"true\" } } },";
  site.configure(options);
  CHECK(site.shunt({"deploy", "v1"}).code == 0);
}

TEST_CASE("the whole deployment has a timeout") {
  SiteOptions options;
  options.options = "soak = \"60s\"";
  options.more = "timeout = \"3s\",";
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(has(ended.text(), "SH1909"));
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("another proxy than the one that serves the live version is refused") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  SiteOptions options;
  options.socket = site.folder / "elsewhere.sock";
  site.configure(options);
  const auto refused = site.shunt({"deploy", "v2"});
  CAPTURE(refused.text());
  CHECK(refused.code == 2);
  CHECK(has(refused.text(), "SH1925"));
  CHECK(site.shops().size() == 1);
}
