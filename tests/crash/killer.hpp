// Ends shunt at random moments, and lets it go on.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <csignal>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "e2e/site.hpp"

namespace shunt::crash {

/// How often it was killed, and what came of it.
struct Tally {
  int deployments = 0;
  int kills = 0;
  int too_late = 0;  ///< it had ended before its time came
};

class Killer {
 public:
  /// `living` counts the instances of `desk`'s app that are there.
  Killer(e2e::Desk& desk, unsigned seed, std::function<std::size_t()> living)
      : desk_(desk), random_(seed), living_(std::move(living)) {}

  /// Deploys, switches and rolls back until shunt was killed that often.
  void go_on_until(int kills) {
    while (tally.kills < kills) {
      ++tally.deployments;
      const bool ended = kill_or_end(next_verb());
      if (!ended) resume();
      INFO("after " << tally.kills << " kills");
      CHECK(harness::eventually(std::chrono::seconds(5), [&] { return living_() == 1; }));
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
    REQUIRE(harness::eventually(std::chrono::seconds(30),
                                [&] { return running.wait(std::chrono::milliseconds(200)).has_value(); }));
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

  e2e::Desk& desk_;
  std::mt19937 random_;
  std::function<std::size_t()> living_;
};

}  // namespace shunt::crash
