// The engine dies at every boundary of every strategy, on the way forward and on the way back.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rehearsal.hpp"

using namespace shunt;
using namespace shunt::crash;

namespace {

std::vector<Story> stories() {
  return {{"blue_green"},
          {"blue_green", true},
          {"blue_green", false, false, {"api", "web"}},
          {"blue_green", true, false, {"api", "web"}},
          {"blue_green", false, true},
          {"gradual"},
          {"gradual", true},
          {"recreate"},
          {"recreate", true},
          {"rollback"}};
}

/// How it goes when nobody dies.
struct Reference {
  std::string state;
  std::vector<std::string> effects;
  int steps = 0;
  int calls = 0;

  explicit Reference(const Story& story) {
    Rehearsal rehearsal(story);
    const auto ending = rehearsal.run({});
    rehearsal.look_at_end(ending);
    INFO(story.name() << ": " << (ending.error ? to_line(*ending.error) : ""));
    for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
    CHECK(ending.state == (story.bad ? "rolled_back" : "succeeded"));
    state = ending.state;
    effects = rehearsal.effects();
    steps = rehearsal.steps();
    calls = static_cast<int>(rehearsal.world.calls.size());
  }
};

// One run with these deaths: it ends as it would have, with the same effects.
void check_one(const Story& story, const Reference& reference, const std::vector<Death>& deaths) {
  Rehearsal rehearsal(story);
  const auto ending = rehearsal.run(deaths);
  rehearsal.look_at_end(ending);
  std::string what = story.name();
  for (const auto& death : deaths) what += fmt::format("; {} {}", name_of(death.cut), death.n);
  INFO(what << ": " << ending.state << " " << (ending.error ? to_line(*ending.error) : ""));
  for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
  CHECK(ending.state == reference.state);
  CHECK(fmt::format("{}", fmt::join(rehearsal.effects(), "\n")) == fmt::format("{}", fmt::join(reference.effects, "\n")));
}

constexpr std::array<Cut, 5> cuts = {Cut::before_intent, Cut::after_intent, Cut::reply_lost, Cut::before_commit,
                                     Cut::after_commit};

}  // namespace

TEST_CASE("at every step, at each of its five cut points") {
  int runs = 0;
  for (const auto& story : stories()) {
    const Reference reference(story);
    REQUIRE(reference.steps >= 2);
    for (int n = 1; n <= reference.steps; ++n)
      for (const auto cut : cuts) {
        check_one(story, reference, {Death(cut, n)});
        ++runs;
      }
  }
  MESSAGE(runs, " deaths");
}

TEST_CASE("before every Call, whether it changes anything or not") {
  int runs = 0;
  for (const auto& story : stories()) {
    const Reference reference(story);
    for (int n = 1; n <= reference.calls; ++n) {
      check_one(story, reference, {Death(Cut::any_call, n)});
      ++runs;
    }
  }
  MESSAGE(runs, " deaths");
}
