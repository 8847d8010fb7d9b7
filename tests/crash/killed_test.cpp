// Real processes behind real proxies, under load: shunt is killed at random moments, and resumed.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <csignal>
#include <random>
#include <thread>

#include "config/test_size.hpp"
#include "e2e/caddy_site.hpp"
#include "e2e/nginx_site.hpp"
#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::Load;
using namespace std::chrono_literals;

namespace {

constexpr int clients = 10;
constexpr int requests_per_client = 50;  ///< each second
constexpr auto longest = 600s;

/// How often it was killed, and what came of it.
struct Tally {
  int deployments = 0;
  int kills = 0;
  int too_late = 0;  ///< it had ended before its time came
};

class Killer {
 public:
  Killer(Desk& desk, unsigned seed) : desk_(desk), random_(seed) {}

  /// Deploys, switches and rolls back until shunt was killed that often.
  void go_on_until(int kills) {
    while (tally.kills < kills) {
      ++tally.deployments;
      const bool ended = kill_or_end(next_verb());
      if (!ended) resume();
      INFO("after " << tally.kills << " kills");
      CHECK(eventually(5s, [&] { return desk_.shops().size() == 1; }));
      const auto status = desk_.shunt({"status"});
      CAPTURE(status.text());
      REQUIRE(status.code == 0);
    }
  }

  Tally tally;

 private:
  std::vector<std::string> next_verb() {
    const auto version = fmt::format("v{}", tally.deployments + 1);
    switch (random_() % 4) {
      case 0:
        return {"deploy", version, "--strategy", "gradual", "--set", "steps=25,100", "--set", "soak=300ms"};
      case 1:
        return {"rollback"};
      default:
        return {"deploy", version, "--set", "soak=300ms"};
    }
  }

  // Whether it ended by itself.
  bool kill_or_end(const std::vector<std::string>& words) {
    auto running = desk_.start(words);
    const auto life = std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 1'300)(random_));
    if (const auto exit = running.wait(life)) {
      CAPTURE(running.output());
      CHECK((exit->code == 0 || exit->code == 5));
      ++tally.too_late;
      return true;
    }
    running.signal(SIGKILL);  // what it started goes on, for the next life to deal with
    REQUIRE(eventually(30s, [&] { return running.wait(200ms).has_value(); }));
    ++tally.kills;
    return false;
  }

  // Killed itself in one of two cases, once: after three deaths at one step an operator would be asked.
  void resume() {
    if (random_() % 2 == 0 && kill_or_end({"resume"})) return;
    const auto resumed = desk_.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK((resumed.code == 0 || resumed.code == 5));
  }

  Desk& desk_;
  std::mt19937 random_;
};

template <typename AnySite>
void kill_under_load(AnySite& site, const char* what, unsigned seed) {
  REQUIRE(site.shunt({"deploy", "v0"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = Load::hey(site.url(), clients, longest, {"-q", std::to_string(requests_per_client)});
  Killer killer(site, seed);
  killer.go_on_until(shunt::test::size(10, 70));
  const auto seen = load.stop();
  MESSAGE(std::string(what), ": ", killer.tally.kills, " kills in ", killer.tally.deployments, " deployments (",
          killer.tally.too_late, " ended before); ", seen.text());
  CHECK(seen.requests > 500);
  CHECK(seen.failed() == 0);
}

}  // namespace

TEST_CASE("behind HAProxy") {
  SiteOptions options;
  options.drain = "500ms";
  Site site(options);
  kill_under_load(site, "HAProxy", 1);
}

TEST_CASE("behind nginx, by a link") {
  NginxSite site;
  kill_under_load(site, "nginx, by a link", 2);
}

TEST_CASE("behind Caddy, by a file") {
  CaddySite site;
  kill_under_load(site, "Caddy, by a file", 3);
}
