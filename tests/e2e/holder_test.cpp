// Who holds the locks, and what becomes of a deployment whose holder died.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <thread>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

std::string with_app(std::string text, const std::string& name) {
  const std::string own = "app = \"shop\"";
  return text.replace(text.find(own), own.size(), "app = \"" + name + "\"");
}

}  // namespace

TEST_CASE("another app on the same proxy target: 4, who and since when; free once its holder is dead") {
  Site site(long_soak());
  auto running = site.start({"deploy", "v1"});
  REQUIRE(eventually(20s, [&] { return site.serving() == "v1"; }));
  const auto other = site.folder.write("other.lua", with_app(site.folder.read("shunt.lua"), "other"));
  auto command = site.command({"deploy", "v1"});
  command.argv[2] = other;
  const auto refused = shunt::harness::run(command);
  CAPTURE(refused.output());
  CHECK(refused.code() == 4);
  CHECK(refused.output().find("SH1806") != std::string::npos);
  CHECK(refused.output().find(std::to_string(running.pid())) != std::string::npos);
  CHECK(refused.output().find("the proxy target haproxy:") != std::string::npos);
  for (const auto* verb : {"rollback", "cleanup", "repair", "resume"}) {
    INFO(verb);
    CHECK(site.shunt({verb}).code == 4);
  }
  for (const auto* verb : {"status", "history", "show", "plan"}) {
    INFO(verb);
    auto words = std::vector<std::string>{verb};
    if (words.front() == "plan") words.emplace_back("v2");
    CHECK(site.shunt(words).code != 4);
  }
  const auto lock = site.status()["lock"];
  CHECK(lock["pid"] == running.pid());
  running.kill();
  const auto after = shunt::harness::run(command);
  CAPTURE(after.output());
  CHECK(after.code() != 4);
  CHECK(site.status()["lock"].is_null());
}

TEST_CASE("a holder that is stopped keeps the lock; a word to it is recorded, and nobody is told to resume it") {
  Site site(long_soak());
  auto running = site.start({"deploy", "v1"});
  REQUIRE(eventually(20s, [&] { return site.serving() == "v1"; }));
  running.freeze();
  auto told = site.shunt({"abort"});
  // Stopped in the middle of writing it keeps everybody else from writing: that moment is not meant here.
  for (int i = 0; i < 5 && told.text().find("SH1804") != std::string::npos; ++i) {
    running.thaw();
    std::this_thread::sleep_for(50ms);
    running.freeze();
    told = site.shunt({"abort"});
  }
  CAPTURE(told.text());
  CHECK(told.code == 3);
  CHECK(told.text().find(fmt::format("(pid {}) has not taken it", running.pid())) != std::string::npos);
  CHECK(site.shunt({"resume"}).code == 4);
  running.thaw();
  const auto ended = running.wait(20s);
  REQUIRE(ended);
  CHECK(ended->code == 1);
  CHECK(site.shops().empty());
}

TEST_CASE(
    "the next deploy resumes what a dead holder left; where that needs an operator it returns 3 and begins nothing") {
  Site site(long_soak());
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0" && site.serving() == "v2"; }));
  running.kill();
  CHECK(site.shunt({"abort"}).code == 3);
  // The old version dies with its supervisor, and somebody else takes its place: there is no way back.
  site.crash_instances_of("v1");
  REQUIRE(eventually(5s, [&] { return site.shops().size() == 1; }));
  auto stranger = std::make_unique<shunt::harness::Shop>(
      shunt::harness::ShopOptions{"stranger", "blue", site.blue, {"--unhealthy"}});
  const auto next = site.shunt({"deploy", "v3", "--set", "soak=0s"});
  CAPTURE(next.text());
  CHECK(next.code == 3);
  CHECK(next.text().find("SH1917") != std::string::npos);
  CHECK(next.text().find("next: shunt ") != std::string::npos);
  CHECK(next.text().find("v2 (green) serves, as last seen") != std::string::npos);
  CHECK(site.serving() == "v2");  // traffic stays where it is proven
  CHECK(site.shops().size() == 1);
  const auto again = site.shunt({"deploy", "v3", "--set", "soak=0s"});
  CHECK(again.code == 3);
  CHECK(again.text().find("SH1927") != std::string::npos);
  CHECK(site.shunt({"rollback"}).code == 3);
  stranger.reset();
  const auto resumed = site.shunt({"resume"});
  CAPTURE(resumed.text());
  CHECK(resumed.code == 1);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"deploy", "v3", "--set", "soak=0s"}).code == 0);
  CHECK(site.serving() == "v3");
}

TEST_CASE("a holder that dies while the old version is retired: resume goes on, the new one stays") {
  auto options = long_soak();
  options.drain = "20s";
  options.command_more = "\"--latency\", \"3000\",";
  options.smoke = options.verify = false;
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto load = shunt::harness::Load::wrk(site.url(), 4, 60s);
  REQUIRE(eventually(10s, [&] { return site.proxy->stat("blue", "scur") != "0"; }));
  auto running = site.start({"deploy", "v2", "--set", "soak=0s"});
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0"; }));
  running.kill();
  const auto resumed = site.shunt({"resume"});
  static_cast<void>(load.stop());
  CAPTURE(resumed.text());
  CHECK(resumed.code == 0);
  CHECK(site.serving() == "v2");
  CHECK(site.shops().size() == 1);
}
