// Colours and marks, or neither.
#pragma once

#include <string>
#include <string_view>

namespace shunt::cli {

struct Style {
  bool color = false;    ///< ANSI colours
  bool unicode = false;  ///< marks and bars beyond ASCII

  std::string bold(std::string_view text) const { return painted("1", text); }
  std::string dim(std::string_view text) const { return painted("2", text); }
  std::string red(std::string_view text) const { return painted("31", text); }
  std::string green(std::string_view text) const { return painted("32", text); }
  std::string yellow(std::string_view text) const { return painted("33", text); }
  std::string blue(std::string_view text) const { return painted("34", text); }

  std::string done_mark() const { return green(unicode ? "✓" : "+"); }
  std::string failed_mark() const { return red(unicode ? "✗" : "x"); }
  std::string warning_mark() const { return yellow("!"); }

 private:
  std::string painted(std::string_view code, std::string_view text) const;
};

}  // namespace shunt::cli
