// Proves that a failure is reported: `planted_test` runs it and expects it to fail.
#include <doctest/doctest.h>

TEST_CASE("it always fails") {
  CHECK(1 + 1 == 3);
}
