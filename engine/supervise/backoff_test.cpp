#include "supervise/backoff.hpp"

#include <doctest/doctest.h>

namespace shunt::supervise {

namespace {

using std::chrono::milliseconds;

TEST_CASE("the wait doubles from 100 ms to 10 s, and starts anew after a long life") {
  Backoff backoff;
  for (const int expected : {100, 200, 400, 800, 1600, 3200, 6400, 10'000, 10'000})
    CHECK(backoff.after_life_of(milliseconds(9'999)) == milliseconds(expected));
  CHECK(backoff.after_life_of(milliseconds(10'000)) == milliseconds(100));
  CHECK(backoff.after_life_of(milliseconds(0)) == milliseconds(200));
}

}  // namespace

}  // namespace shunt::supervise
