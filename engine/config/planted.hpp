// Bugs that tests switch on, one at a time, to see that they are caught. There is none in what is shipped.
#pragma once

#include <string_view>

namespace shunt {

#ifdef SHUNT_PLANTED_BUGS
/// Whether SHUNT_PLANTED in the environment names this bug; only in builds for tests.
bool is_planted(std::string_view bug);
#else
constexpr bool is_planted(std::string_view /*bug*/) {
  return false;
}
#endif

}  // namespace shunt
