// The options that every verb has.
#pragma once

#include <string>

namespace shunt::cli {

enum class Color { automatic, always, never };

struct Options {
  std::string file;   ///< -f: the app file; "" : looked up
  std::string state;  ///< --state; "" : not named
  bool json = false;
  Color color = Color::automatic;
  bool quiet = false;
  bool verbose = false;
};

}  // namespace shunt::cli
