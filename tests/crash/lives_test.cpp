// What an engine that comes back must not forget: who won, what was cancelled, how long was watched, who was asked.
#include <doctest/doctest.h>
#include <algorithm>

#include "reference.hpp"

using namespace shunt;
using namespace shunt::crash;

namespace {

Story told(const std::string& name, const std::string& middle) {
  Story story(name);
  story.script = R"(return { api = 1, summary = "s", run = function(deploy)
    deploy:run_checks()
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
)" + middle + R"(
    deploy:shift(100)
    deploy:retire_old()
  end })";
  return story;
}

// Winners, losers and deadlines follow from the order of deliveries alone.
Story racing() {
  return told("racing.lua", R"(
    local result, winner = task.race {
      function() clock.sleep("150ms") return exec.run({ "slow" }, { idempotent = true }).code end,
      function() for i = 1, 4 do clock.sleep("40ms") end return "quick" end,
      function() clock.sleep("161ms") return pcall(task.deadline, "70ms", function() clock.sleep("1s") end) end,
    }
    local late = pcall(task.deadline, "70ms", function() clock.sleep("1s") end)
    local both = task.all {
      function() clock.sleep("30ms") return random.number() end,
      function() clock.sleep("30ms") return clock.now() end,
      function() deploy:soak("200ms") return winner end,
    }
    deploy:phase(table.concat({ tostring(result), tostring(winner), tostring(late), tostring(both[1]), tostring(both[2]) }, " "),
      function() end)
)");
}

int count(const World& world, const std::string& verb) {
  return static_cast<int>(
      std::count_if(world.calls.begin(), world.calls.end(), [&](const Call& call) { return call.verb == verb; }));
}

// The first Call of that verb, by its number.
int number_of(const World& world, const std::string& verb) {
  const auto found =
      std::find_if(world.calls.begin(), world.calls.end(), [&](const Call& call) { return call.verb == verb; });
  return static_cast<int>(found - world.calls.begin()) + 1;
}

void check_unharmed(Rehearsal& rehearsal, const Ending& ending) {
  rehearsal.look_at_end(ending);
  for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
}

}  // namespace

TEST_CASE("races, deadlines and what was cancelled come out as they did") {
  const Reference reference(racing());
  for (int n = 1; n <= reference.calls; n += shunt::test::computed_size(5, 1, 1))
    check_one(racing(), reference, {Death(Cut::any_call, n)});
  for (int n = 1; n <= reference.calls; n += 2)
    for (int m = 1; m <= 40; m += shunt::test::size(13, 1))
      check_one(racing(), reference, {Death(Cut::any_call, n), Death(Cut::any_call, m)});
}

TEST_CASE("an abort is journaled where it came, and holds over every later death") {
  const Reference reference(Story("gradual"));
  for (int heard = 20; heard < reference.calls - 20; heard += shunt::test::computed_size(27, 9, 9))
    for (int n = heard + 1; n <= heard + 30; n += 2) {
      Rehearsal rehearsal(Story("gradual"));
      int calls = 0;
      rehearsal.dies_before = [&](const Call&) {
        if (++calls == heard) rehearsal.say("abort");
        return calls == n;
      };
      const auto ending = rehearsal.run({});
      INFO("abort at " << heard << ", death at " << n << ": " << (ending.error ? to_line(*ending.error) : ""));
      check_unharmed(rehearsal, ending);
      CHECK(ending.state == "rolled_back");
      CHECK(ending.error->code == "SH1910");
    }
}

TEST_CASE("a soak counts watched time only") {
  const Reference reference(Story("blue_green"));
  Rehearsal undisturbed(Story("blue_green"));
  undisturbed.run({});
  const int samples = count(undisturbed.world, "metrics.query");
  const int first = number_of(undisturbed.world, "metrics.query");
  REQUIRE(samples >= 4);
  for (int n = first + 1; n <= first + 20; ++n) {
    Rehearsal rehearsal(Story("blue_green"));
    rehearsal.meanwhile = [](World& world) { world.pass(600'000); };
    const auto ending = rehearsal.run({Death(Cut::any_call, n)});
    INFO("death at " << n);
    check_unharmed(rehearsal, ending);
    CHECK(ending.state == "succeeded");
    CHECK(count(rehearsal.world, "metrics.query") >= samples);
  }
}

TEST_CASE("but the deployment's own deadline is on the clock at the wall") {
  Rehearsal rehearsal(Story("blue_green"));
  rehearsal.meanwhile = [](World& world) { world.pass(2 * 3'600'000); };
  const auto ending = rehearsal.run({Death(Cut::after_commit, 2)});
  check_unharmed(rehearsal, ending);
  CHECK(ending.state == "rolled_back");
  CHECK(ending.error->code == "SH1909");
}

TEST_CASE("three deaths at the same entry: an operator is asked, and may have it tried again") {
  Rehearsal rehearsal(Story("blue_green"));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::after_intent, 2)));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::any_call, 1)));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::any_call, 2)));
  const auto done = rehearsal.world.calls.size();
  const auto asked = rehearsal.live();
  REQUIRE(asked);
  CHECK(asked->state == "needs_operator");
  CHECK(asked->error->code == "SH1943");
  CHECK(rehearsal.world.calls.size() == done);
  rehearsal.resolve("retry");
  const auto ending = rehearsal.run({});
  check_unharmed(rehearsal, ending);
  CHECK(ending.state == "succeeded");
}

TEST_CASE("a death further on is not the same") {
  Rehearsal rehearsal(Story("gradual"));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::after_commit, 1)));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::after_commit, 1)));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::after_commit, 1)));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::after_commit, 1)));
  CHECK(rehearsal.run({}).state == "succeeded");
}

TEST_CASE("another engine goes back by the hooks, from wherever the first one died, and over its own deaths") {
  for (const auto& story : {Story("blue_green"), Story("gradual"), Story("recreate")}) {
    const Reference reference(story);
    // Once the old one is gone for good, there is nothing to go back to.
    const int last = story.strategy == "recreate" ? reference.steps : reference.steps - 1;
    for (int n = 1; n <= last; ++n)
      for (const auto cut : around_a_step)
        for (int m : {0, 1, 2, 4}) {
          Rehearsal rehearsal(story);
          rehearsal.is_another = true;
          std::vector<Death> deaths = {Death(cut, n)};
          if (m > 0) deaths.emplace_back(Cut::after_intent, m);
          const auto ending = rehearsal.run(deaths);
          INFO(story.name() << "; " << name_of(cut) << " " << n << ", then " << m << ": "
                            << (ending.error ? to_line(*ending.error) : ""));
          check_unharmed(rehearsal, ending);
          CHECK(ending.state == "rolled_back");
        }
  }
}

TEST_CASE("a question outlives who asked it: an answer given meanwhile counts, one too late does not") {
  const auto story = told("asks.lua", R"(deploy:confirm("go on?", { timeout = "10m" }))");
  for (const auto* verb : {"approve", "reject"})
    for (const bool names_it : {true, false}) {
      Rehearsal rehearsal(story);
      rehearsal.asks_people = true;
      rehearsal.dies_before = [&](const Call&) { return rehearsal.world.now() > 1'010'000; };
      REQUIRE_FALSE(rehearsal.live());
      rehearsal.dies_before = nullptr;
      rehearsal.say(verb, names_it ? "go on?" : "");
      rehearsal.world.pass(3'000'000);  // the answer came in time, whenever it is read
      const auto ending = rehearsal.run({});
      INFO(verb);
      check_unharmed(rehearsal, ending);
      CHECK(ending.state == (std::string(verb) == "approve" ? "succeeded" : "rolled_back"));
    }
  Rehearsal late(story);
  late.asks_people = true;
  late.dies_before = [&](const Call&) { return late.world.now() > 1'010'000; };
  REQUIRE_FALSE(late.live());
  late.dies_before = nullptr;
  late.world.pass(600'000);
  late.say("approve");
  CHECK(late.run({}).state == "rolled_back");
}

TEST_CASE("an answer that was taken by a life which then died is not asked for again") {
  const auto story = told("asks.lua", R"(deploy:confirm("go on?", { timeout = "10m" }))");
  int deaths = 0;
  for (int n = 1; n < 40; ++n) {
    Rehearsal rehearsal(story);
    rehearsal.asks_people = true;
    int calls = 0;
    bool said = false;
    rehearsal.dies_before = [&](const Call&) {
      if (rehearsal.world.now() < 1'002'000) return false;
      if (!std::exchange(said, true)) rehearsal.say("approve", "go on?");
      deaths += calls + 1 == n ? 1 : 0;
      return ++calls == n;
    };
    const auto ending = rehearsal.run({});
    INFO("death at " << n);
    check_unharmed(rehearsal, ending);
    CHECK(ending.state == "succeeded");
  }
  CHECK(deaths > 20);
}
