#include "config/planted.hpp"

#include <cstdlib>
#include <string>

namespace shunt {

#ifdef SHUNT_PLANTED_BUGS
bool is_planted(std::string_view bug) {
  static const std::string named = [] {
    const char* value = std::getenv("SHUNT_PLANTED");
    return std::string(value == nullptr ? "" : value);
  }();
  return named == bug;
}
#endif

}  // namespace shunt
