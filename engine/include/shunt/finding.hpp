// One thing that `doctor` looked at.
#pragma once

#include <string>
#include <utility>

namespace shunt {

struct Finding {
  bool fine = true;
  std::string what;    ///< what was looked at, and how it is
  std::string remedy;  ///< what to do; "" where it is fine

  static Finding good(std::string what) { return Finding(true, std::move(what), ""); }
  static Finding bad(std::string what, std::string remedy) {
    return Finding(false, std::move(what), std::move(remedy));
  }

 private:
  Finding(bool fine, std::string what, std::string remedy)
      : fine(fine), what(std::move(what)), remedy(std::move(remedy)) {}
};

}  // namespace shunt
