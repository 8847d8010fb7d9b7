// The suite itself is tested: bugs are planted one at a time, and each must be caught.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <filesystem>
#include <vector>

#include "harness/program.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

/// A bug, and who catches it: a test program and one of its tests (every comma is a `?`).
struct Planted {
  std::string bug;
  std::filesystem::path program;
  std::string test;
};

const std::filesystem::path build = SHUNT_BUILD;

std::vector<Planted> all() {
  const auto crash = build / "tests/crash";
  const auto steps = build / "engine/steps/steps_test";
  const auto store = build / "engine/store/store_test";
  return {
      {"effect before intent", crash / "crash_boundaries_test", "at every step? at each*"},
      {"intent not synced", crash / "crash_boundaries_test", "at every step? at each*"},
      {"hook not journaled", crash / "crash_doubt_test", "another engine goes back*"},
      {"one-shot retried", crash / "crash_doubt_test", "a program that must not run twice*"},
      {"losers not journaled", crash / "crash_doubt_test", "races? deadlines*"},
      {"cancel not journaled", crash / "crash_doubt_test", "an abort is journaled*"},
      {"time not replayed", crash / "crash_storm_test", "deployments under a kill storm*"},
      {"unwatched time counts", crash / "crash_doubt_test", "a soak counts*"},
      {"poison not noticed", crash / "crash_doubt_test", "three deaths*"},
      {"world not looked at again", crash / "crash_storm_test", "the machine is started again*"},
      {"lower before raise", steps, "every step raises*"},
      {"target not proven", steps, "a target that is gone*"},
      {"clean-up before traffic", steps, "tiers in their order*"},
      {"told before it is durable", build / "engine/effects/effects_test", "what is announced is held back*"},
      {"commit without fsync", store, "a commit is one fsync*"},
      {"epoch not checked", store, "a store whose epoch is stale*"},
      {"lock inherited by a child", store, "a program that the holder starts*"},
      {"chain not checked", store, "rows that were removed or changed*"},
      {"lost tail not noticed", store, "a log that lost its end*"},
      {"lock dropped in the re-execution", build / "tests/e2e/e2e_watchdog_test", "a script that does not come back*"},
      {"pairs in hash order", build / "lua/lua_test", "pairs and next go in order*"},
      {"unstable sort", build / "lua/lua_test", "table.sort is stable*"},
  };
}

/// Whether the test passes, up to the first failure; it must have run.
bool passes(const std::filesystem::path& program, const std::string& test, const std::string& bug) {
  Program run({{program.string(), "-aa=1", "-tc=" + test}, {{"SHUNT_PLANTED", bug}}});
  run.start();
  const auto exit = run.wait(120s);
  INFO(program.filename().string() << ": " << test);
  REQUIRE(exit);
  CHECK(run.output().find(" 0 passed | 0 failed") == std::string::npos);
  return exit->code == 0 && exit->signal == 0;
}

}  // namespace

TEST_CASE("a test that always fails is seen to fail") {
  CHECK_FALSE(passes(build / "tests/crash/crash_canary", "it always fails", ""));
}

TEST_CASE("every planted bug is caught, by a test that passes without it as a part of the suite") {
  for (const auto& one : all()) {
    INFO(one.bug);
    CHECK_FALSE(passes(one.program, one.test, one.bug));
  }
  CHECK(all().size() >= 15);
}
