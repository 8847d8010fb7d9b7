#include "vm/branches.hpp"

#include <doctest/doctest.h>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::line_of;
using shunt::lua::test::Play;

namespace {

using Calls = std::vector<std::string>;

}  // namespace

TEST_CASE("task.all runs its functions at the same time and gives their results in order") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    local results = task.all {
      function() clock.sleep(3) log.info("a") return "a" end,
      function() clock.sleep(1) log.info("b") return "b" end,
      function() return "c" end,
    }
    assert(results[1] == "a" and results[2] == "b" and results[3] == "c" and #results == 3)
    log.info("end"))lua")) == "ok");
  CHECK(play.recorder.calls ==
        Calls{R"(/0.1 clock.sleep {"duration_ms":3000})", R"(/0.2 clock.sleep {"duration_ms":1000})",
              R"(/0.2 log {"level":"info","text":"b"})", R"(/0.1 log {"level":"info","text":"a"})",
              R"(log {"level":"info","text":"end"})"});
}

TEST_CASE("the first error of task.all cancels the others and is raised") {
  Play play;
  const auto outcome = play.run(R"lua(
    local ok, problem = pcall(task.all, {
      function() clock.sleep(60) log.info("never") end,
      function() clock.sleep(1)
        error("broken") end,
    })
    assert(not ok and problem.message == "broken" and problem.where.line == 5)
    log.info("after"))lua");
  CHECK(line_of(outcome) == "ok");
  CHECK(play.recorder.calls == Calls{R"(/0.1 clock.sleep {"duration_ms":60000})",
                                     R"(/0.2 clock.sleep {"duration_ms":1000})", "/0.1 cancelled",
                                     R"(log {"level":"info","text":"after"})"});
}

TEST_CASE("task.race is won by the first to end; the others are cancelled and joined") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    local result, winner = task.race {
      function() pcall(clock.sleep, 5) log.info("never") end,
      function() clock.sleep(1) return "fast" end,
      function() task.all { function() clock.sleep(9) log.info("never") end } log.info("never") end,
    }
    assert(result == "fast" and winner == 2))lua")) == "ok");
  for (const auto& call : play.recorder.calls) CHECK(call.find("never") == std::string::npos);
  CHECK(play.recorder.waiting() == 0);
}

TEST_CASE("a race that is won at once does not start the others") {
  Play play;
  CHECK(line_of(play.run("assert(task.race { function() return 1 end, function() log.info('never') end } == 1)")) ==
        "ok");
  CHECK(play.recorder.calls == Calls{"/0.2 cancelled"});
}

TEST_CASE("an error can win a race") {
  CHECK(line_of(Play().run("task.race { function() error('first') end, function() clock.sleep(1) end }")) ==
        "test.lua:1: first (SH1201)");
}

TEST_CASE("task.deadline gives the result, or an error of kind timeout") {
  CHECK(line_of(Play().run("assert(task.deadline('5s', function() clock.sleep(4) return 9 end) == 9)")) == "ok");
  Play play;
  const auto outcome = play.run("\ntask.deadline('5s', function() clock.sleep(6) log.info('never') end)");
  CHECK(line_of(outcome) == "test.lua:2: the function was not done in time (SH1214)");
  CHECK(outcome.error->kind == Kind::timeout);
  CHECK(outcome.error->retryable);
  CHECK(play.recorder.calls.back() == "/0.1 cancelled");
}

TEST_CASE("task.retry tries again and raises the last error") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    local tries = 0
    assert(task.retry { times = 5, delay = "2s", function(attempt)
      tries = tries + 1
      assert(attempt == tries)
      if tries < 3 then error("not yet") end
      return "done"
    end } == "done")
    task.retry { times = 2, function() error("never good") end })lua")) == "test.lua:9: never good (SH1201)");
  CHECK(play.recorder.calls == Calls{R"(clock.sleep {"duration_ms":2000})", R"(clock.sleep {"duration_ms":2000})",
                                     R"(clock.sleep {"duration_ms":1000})"});
  CHECK(line_of(Play().run("task.retry { tims = 2, function() end }")) ==
        "test.lua:1: task.retry has no option 'tims' (SH1207)");
  CHECK(line_of(Play().run("task.retry(3)")).find("task.retry wants a table of options") != std::string::npos);
}

TEST_CASE("a control error in one function ends the whole script once all are joined") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    Error error("SH1905", Kind::cancelled, "aborted");
    error.control = true;
    return call.verb == "run_checks" ? Outcome(error) : Outcome();
  };
  const auto outcome = play.run(R"lua(
    pcall(task.all, { function() pcall(deploy.run_checks, deploy) end, function() clock.sleep(9) log.info("never") end })
    log.info("never"))lua");
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "SH1905");
  CHECK(play.recorder.waiting() == 0);
  CHECK(play.recorder.calls.back() == "/0.2 cancelled");
}

TEST_CASE("a kill in one function ends the whole script") {
  ScriptLimits limits;
  limits.instructions = 100'000;
  Play play(limits);
  const auto outcome =
      play.run("task.all { function() clock.sleep(9) end, function() clock.sleep(1) while true do end end }");
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "SH1281");
  CHECK(outcome.error->control);
  CHECK(play.recorder.waiting() == 0);
}

TEST_CASE("tasks inside tasks have branches inside branches") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    local results = task.all {
      function() return task.all { function() clock.sleep(1) return 1 end, function() return 2 end }[1] end,
      function() clock.sleep(2) return task.race { function() return 3 end } end,
    }
    assert(results[1] == 1 and results[2] == 3))lua")) == "ok");
  CHECK(play.recorder.calls ==
        Calls{R"(/0.1/0.1 clock.sleep {"duration_ms":1000})", R"(/0.2 clock.sleep {"duration_ms":2000})"});
}

TEST_CASE("forks without a perform use up the budget") {
  ScriptLimits limits;
  limits.instructions = 1'000'000;
  CHECK(Play(limits).run("while true do task.all { function() end } end").error->code == "SH1281");
  CHECK(Play(limits).run("local function f() task.all { f } end f()").error->code == "SH1213");
}

TEST_CASE("wrong tasks are errors") {
  CHECK(line_of(Play().run("task.all(1)")) == "test.lua:1: task.all wants a list of functions (SH1207)");
  CHECK(line_of(Play().run("task.race { 1 }")) == "test.lua:1: task.race wants a list of functions (SH1207)");
  CHECK(line_of(Play().run("task.race {}")) == "test.lua:1: task.race needs at least one function (SH1213)");
  CHECK(line_of(Play().run("assert(#task.all {} == 0)")) == "ok");
  CHECK(line_of(Play().run("local t = {} for i = 1, 1001 do t[i] = function() end end task.all(t)")) ==
        "test.lua:1: too many functions at the same time (SH1213)");
  CHECK(Play().run("('x'):gsub('x', function() task.all { function() end } end)").error->code == "SH1205");
}

TEST_CASE("a task inside a coroutine of the script works") {
  CHECK(line_of(Play().run(R"lua(
    local step = coroutine.wrap(function()
      local results = task.all { function() clock.sleep(1) return 1 end, function() return 2 end }
      coroutine.yield(results[1] + results[2])
      clock.sleep(1)
      return "end"
    end)
    assert(step() == 3 and step() == "end"))lua")) == "ok");
}
