// The engine dies at every boundary of every strategy, on the way forward and on the way back.
#include <doctest/doctest.h>

#include "reference.hpp"

using namespace shunt;
using namespace shunt::crash;

TEST_CASE("at every step, at each of its five cut points") {
  int runs = 0;
  for (const auto& story : stories()) {
    const Reference reference(story);
    REQUIRE(reference.steps >= 2);
    for (int n = 1; n <= reference.steps; ++n)
      for (const auto cut : around_a_step) {
        check_one(story, reference, {Death(cut, n)});
        ++runs;
      }
  }
  MESSAGE(runs, " deaths");
}

TEST_CASE("before every Call, whether it changes anything or not") {
  int runs = 0;
  const int some = shunt::test::computed_size(9, 3, 1);
  for (const auto& story : stories()) {
    const Reference reference(story);
    for (int n = 1 + runs % some; n <= reference.calls; n += some) {
      check_one(story, reference, {Death(Cut::any_call, n)});
      ++runs;
    }
  }
  MESSAGE(runs, " deaths");
}

TEST_CASE("at every pair of steps: the second death comes to whoever went on after the first") {
  int runs = 0;
  int turn = 0;
  const int some = shunt::test::computed_size(37, 3, 1);
  for (const auto& story : {Story("blue_green"), Story("blue_green", true), Story("gradual"), Story("gradual", true)}) {
    const Reference reference(story);
    for (int n = 1; n <= reference.steps; ++n)
      for (const auto first : around_a_step)
        for (int m = 1; m <= reference.steps - n + 1; ++m)
          for (const auto second : around_a_step) {
            if (turn++ % some != 0) continue;
            check_one(story, reference, {Death(first, n), Death(second, m)});
            ++runs;
          }
  }
  MESSAGE(runs, " pairs of deaths");
}

TEST_CASE("at every step, and then on the way back to work") {
  int runs = 0;
  const int step = shunt::test::computed_size(25, 3, 1);
  for (const auto& story : {Story("blue_green"), Story("gradual", true)}) {
    const Reference reference(story);
    for (int n = 1; n <= reference.steps; ++n)
      for (const auto first : around_a_step)
        for (int m = 1 + runs % step; m <= 12; m += step) {
          check_one(story, reference, {Death(first, n), Death(Cut::any_call, m)});
          ++runs;
        }
  }
  MESSAGE(runs, " pairs of deaths");
}

TEST_CASE("the machine loses its power: what was only flushed is gone too") {
  for (const auto& story : stories()) {
    const Reference reference(story);
    for (int n = 1; n <= reference.calls; n += shunt::test::computed_size(23, 3, 1)) {
      Rehearsal rehearsal(story);
      rehearsal.power = true;
      check_one(rehearsal, story, reference, {Death(Cut::any_call, n)});
    }
  }
}
