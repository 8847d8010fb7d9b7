// How far a test goes that could go on for long.
#pragma once

#include <cstdlib>

namespace shunt::test {

/// `ordinary`, or `whole` with `script/test --long` (SHUNT_TEST_LONG in the environment).
inline int size(int ordinary, int whole) {
  return std::getenv("SHUNT_TEST_LONG") == nullptr ? ordinary : whole;
}

}  // namespace shunt::test
