#include "cli/report/style.hpp"

#include <fmt/format.h>

namespace shunt::cli {

std::string Style::painted(std::string_view code, std::string_view text) const {
  return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace shunt::cli
