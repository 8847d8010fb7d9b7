// Two controllers of one app: started at the same moment, and one that comes while the other stands still.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <thread>

#include "config/test_size.hpp"
#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

// Nothing that a deployment would have to wait for.
SiteOptions quick() {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"0s\"";
  options.drain = "0s";
  options.verify = options.smoke = false;
  return options;
}

struct Racer {
  std::string version;
  shunt::harness::Program program;
  std::chrono::milliseconds took{0};

  explicit Racer(Site& site, const std::string& what) : version(what), program(site.start({"deploy", what})) {}

  int wait(Clock::time_point began) {
    const auto exit = program.wait(60s);
    CAPTURE(program.output());
    REQUIRE(exit);
    took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    return exit->code;
  }
};

bool was_recorded(Site& site, const std::string& version) {
  const auto listed = Json::parse(site.shunt({"history", "--json"}).out);
  return std::any_of(listed.begin(), listed.end(), [&](const Json& one) { return one["version"] == version; });
}

struct Tally {
  int races = 0;
  int in_turn = 0;  ///< the second began when the first had ended
  std::chrono::milliseconds slowest{0};
};

void race(Site& site, int number, Tally& tally) {
  const auto began = Clock::now();
  Racer a(site, fmt::format("a{}", number));
  Racer b(site, fmt::format("b{}", number));
  // Who loses is told at once; the other goes on. So the first to end is waited for first.
  const bool a_first = eventually(
                           60s, [&] { return !a.program.alive() || !b.program.alive(); }, 1ms) &&
                       !a.program.alive();
  auto& first = a_first ? a : b;
  auto& second = a_first ? b : a;
  const int first_code = first.wait(began);
  const int second_code = second.wait(began);
  CAPTURE(first.program.output());
  CAPTURE(second.program.output());
  if (first_code == 0 && second_code == 0) {
    ++tally.in_turn;
    CHECK(site.serving() == second.version);
    return;
  }
  ++tally.races;
  // Also one that came too late loses, while the winner is about to end.
  const bool second_won = second_code == 0;
  const auto& winner = second_won ? second : first;
  const auto& loser = second_won ? first : second;
  CHECK((second_won ? second_code : first_code) == 0);
  CHECK((second_won ? first_code : second_code) == 4);
  CHECK(loser.program.output().find(fmt::format("pid {}", winner.program.pid())) != std::string::npos);
  CHECK(loser.program.output().find("deploy " + winner.version) != std::string::npos);
  if (second_won) tally.slowest = std::max(tally.slowest, loser.took);
  CHECK(site.serving() == winner.version);
  CHECK(was_recorded(site, winner.version));
  CHECK_FALSE(was_recorded(site, loser.version));
}

}  // namespace

TEST_CASE("of two controllers that start at once exactly one deploys; the other does nothing and names it") {
  Site site(quick());
  REQUIRE(site.shunt({"deploy", "v0"}).code == 0);
  const int wanted = shunt::test::size(25, 1'000);
  Tally tally;
  for (int i = 0; tally.races < wanted && i < 2 * wanted; ++i) race(site, i, tally);
  CHECK(tally.races == wanted);
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"status"}).code == 0);
  MESSAGE(tally.races << " races and " << tally.in_turn << " in turn; the slowest loser took " << tally.slowest.count()
                      << " ms");
}

TEST_CASE(
    "a controller that stands still for a while, with and without a contender: it goes on, and nobody is robbed") {
  std::vector<std::chrono::seconds> times = {1s, 10s};
  if (shunt::test::size(0, 1) == 1) times.push_back(60s);
  for (const auto time : times)
    for (const bool contended : {false, true}) {
      INFO(time.count() << " s, contended: " << contended);
      SiteOptions options;
      options.options = "soak = \"2s\", hold = \"1h\"";
      Site site(options);
      REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
      auto load = shunt::harness::Load::hey(site.url(), 2, time + 60s, {"-q", "100"});
      auto running = site.start({"deploy", "v2"});
      REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0" && site.serving() == "v2"; }));
      running.freeze();
      const auto until = Clock::now() + time;
      do {
        if (!contended) break;
        const auto began = Clock::now();
        const auto refused = site.shunt({"deploy", "v3"});
        CAPTURE(refused.text());
        CHECK(refused.code == 4);
        CHECK(refused.text().find(fmt::format("pid {}", running.pid())) != std::string::npos);
        MESSAGE("refused in " << std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count()
                              << " ms");
        CHECK(site.shunt({"resume"}).code == 4);
        CHECK(site.shunt({"resume", "--all"}).code == 0);
        CHECK(site.shunt({"cleanup", "--due"}).code == 0);
        std::this_thread::sleep_for(500ms);
      } while (Clock::now() < until);
      std::this_thread::sleep_until(until);
      CHECK(site.serving() == "v2");
      running.thaw();
      const auto exit = running.wait(30s);
      CAPTURE(running.output());
      REQUIRE(exit);
      CHECK(exit->code == 0);
      CHECK(running.output().find("shunt stood still for") != std::string::npos);
      CHECK(running.output().find("SH1941") == std::string::npos);  // a replay has come out the same
      CHECK(site.serving() == "v2");
      CHECK(site.shunt({"status"}).code == 0);
      const auto stats = load.stop();
      CAPTURE(stats.text());
      CHECK(stats.requests > 0);
      CHECK(stats.failed() == 0);
    }
}
