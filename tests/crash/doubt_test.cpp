// What nobody may do twice: asked of a probe, or of an operator.
#include <doctest/doctest.h>
#include <algorithm>

#include "reference.hpp"

using namespace shunt;
using namespace shunt::crash;

namespace {

// A strategy that runs a program once, and does the rest as blue_green does.
Story once(const std::string& options) {
  Story story("once.lua");
  story.script = R"(return { api = 1, summary = "s", run = function(deploy)
    deploy:run_checks()
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    exec.run({ "migrate", "up" }, {)" +
                 options + R"(})
    deploy:shift(100)
    deploy:retire_old()
  end })";
  return story;
}

int times_run(const Rehearsal& rehearsal) {
  return static_cast<int>(std::count_if(rehearsal.world.calls.begin(), rehearsal.world.calls.end(),
                                        [](const Call& call) { return call.verb == "exec.run"; }));
}

// The step of the program, among those with an effect: one start comes before it.
constexpr int its_step = 2;

const effects::Position& place_of(const Ending& ending) {
  static effects::Position at;
  const auto& doubt = ending.document["in_doubt"][0];
  at = effects::Position(doubt["branch"], doubt["index"]);
  return at;
}

}  // namespace

TEST_CASE("a program that must not run twice, and was running: an operator decides") {
  for (const auto cut : {Cut::after_intent, Cut::reply_lost, Cut::before_commit}) {
    const int before = cut == Cut::after_intent ? 0 : 1;
    for (const auto* decision : {"retry", "skip", "adopt"}) {
      INFO(std::string(name_of(cut)) << ", " << decision);
      Rehearsal rehearsal(once(""));
      REQUIRE_FALSE(rehearsal.live(Death(cut, its_step)));
      const auto asked = rehearsal.live();
      REQUIRE(asked);
      CHECK(asked->state == "needs_operator");
      CHECK(asked->exit == 3);
      CHECK(asked->error->code == "SH1942");
      CHECK(asked->error->remedy.find("shunt resolve this-run adopt") != std::string::npos);
      CHECK(asked->document["in_doubt"][0]["where"] == "once.lua:6");
      CHECK(asked->document["hooks"].size() == 1);
      CHECK(times_run(rehearsal) == before);
      // Asked again, it says the same: nothing was done meanwhile.
      CHECK(rehearsal.live()->error->code == "SH1942");
      CHECK(times_run(rehearsal) == before);

      rehearsal.resolve(decision, place_of(*asked));
      const auto ending = rehearsal.run({});
      rehearsal.look_at_end(ending);
      for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
      const std::string what = decision;
      CHECK(times_run(rehearsal) == before + (what == "retry" ? 1 : 0));
      // What was not done is an error where the script stands; this one does not catch it.
      CHECK(ending.state == (what == "skip" ? "rolled_back" : "succeeded"));
      if (what == "skip") CHECK(ending.error->code == "SH1944");
    }
  }
}

TEST_CASE("its own probe tells whether it was done") {
  for (const bool was_done : {true, false}) {
    Rehearsal rehearsal(once("probe = { \"migrate\", \"status\" }"));
    rehearsal.world.instead["probe.command"] = [&](const Call& call) {
      CHECK(call.args["argv"] == Value{"migrate", "status"});
      return std::optional(Outcome(Value{{"ok", was_done}}));
    };
    REQUIRE_FALSE(rehearsal.live(Death(Cut::reply_lost, its_step)));
    CHECK(rehearsal.run({}).state == "succeeded");
    CHECK(times_run(rehearsal) == (was_done ? 1 : 2));
  }
}

TEST_CASE("what may run twice runs again, and nobody is asked") {
  Rehearsal rehearsal(once("idempotent = true"));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::reply_lost, its_step)));
  CHECK(rehearsal.run({}).state == "succeeded");
  CHECK(times_run(rehearsal) == 2);
}

TEST_CASE("before it ran and after its result is durable there is no doubt") {
  for (const auto cut : {Cut::before_intent, Cut::after_commit}) {
    Rehearsal rehearsal(once(""));
    REQUIRE_FALSE(rehearsal.live(Death(cut, its_step)));
    CHECK(rehearsal.run({}).state == "succeeded");
    CHECK(times_run(rehearsal) == 1);
  }
}

TEST_CASE("an abort that came while nobody was there is heeded, and settles a doubt") {
  Rehearsal rehearsal(once(""));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::reply_lost, its_step)));
  rehearsal.say("abort");
  const auto ending = rehearsal.run({});
  rehearsal.look_at_end(ending);
  for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
  CHECK(ending.state == "rolled_back");
  CHECK(ending.error->code == "SH1910");
  CHECK(times_run(rehearsal) == 1);
}

TEST_CASE("a script that asks the clock and dice gets the same answers again") {
  Story story("dice.lua");
  story.script = R"(return { api = 1, summary = "s", run = function(deploy)
    local names = {}
    for i = 1, 5 do names[i] = tostring(random.number()) .. tostring(clock.now()) end
    deploy:phase(table.concat(names, " "), function() end)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:phase(table.concat(names, "-"), function() deploy:shift(100) end)
    deploy:retire_old()
  end })";
  const auto with_dice = [&](Rehearsal& rehearsal) {
    rehearsal.world.instead["random.number"] = [&rehearsal](const Call&) {
      return std::optional(Outcome(Value(double(rehearsal.world.calls.size()) / 7)));
    };
  };
  Rehearsal undisturbed(story);
  with_dice(undisturbed);
  CHECK(undisturbed.run({}).state == "succeeded");
  for (int n = 1; n < static_cast<int>(undisturbed.world.calls.size()); ++n) {
    Rehearsal rehearsal(story);
    with_dice(rehearsal);
    const auto ending = rehearsal.run({Death(Cut::any_call, n)});
    INFO(n << ": " << (ending.error ? to_line(*ending.error) : ""));
    CHECK(ending.state == "succeeded");
  }
}

TEST_CASE("another script in the place of the stored one is noticed before anything is done") {
  Rehearsal rehearsal(once(""));
  REQUIRE_FALSE(rehearsal.live(Death(Cut::after_commit, its_step)));
  const auto done = rehearsal.world.calls.size();
  auto other = once("");
  const std::string program = "\"migrate\", \"up\"";
  other.script.replace(other.script.find(program), program.size(), "\"migrate\", \"down\"");
  rehearsal.tell(other);
  const auto ending = rehearsal.live();
  REQUIRE(ending);
  CHECK(ending->exit == 3);
  CHECK(ending->error->code == "SH1941");
  CHECK(ending->error->message.find("\"up\"") != std::string::npos);
  CHECK(ending->error->message.find("\"down\"") != std::string::npos);
  CHECK(ending->error->message.find("once.lua:6") != std::string::npos);
  CHECK(rehearsal.world.calls.size() == done);
  rehearsal.tell(once(""));
  CHECK(rehearsal.run({}).state == "succeeded");
}
