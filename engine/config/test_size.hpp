// How far a test goes that could go on for long.
#pragma once

#include <cstdlib>

namespace shunt::test {

/// `ordinary`, or `whole` with `script/test --long` (SHUNT_TEST_LONG in the environment).
inline int size(int ordinary, int whole) {
  return std::getenv("SHUNT_TEST_LONG") == nullptr ? ordinary : whole;
}

/// The same for what only computes: under AddressSanitizer a test gets a thirtieth as far in its time, and the release
/// tier goes through what it leaves out.
inline int computed_size(int sanitised, int ordinary, int whole) {
#ifdef __SANITIZE_ADDRESS__
  static_cast<void>(ordinary);
  return size(sanitised, whole);
#else
  static_cast<void>(sanitised);
  return size(ordinary, whole);
#endif
}

}  // namespace shunt::test
