// When an app may be deployed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// Days on which nothing is deployed, both included: "2026-12-20".
struct Freeze {
  std::string from;
  std::string to;
  std::string reason;
};

/// The app file's `window`. Empty days: every day; from == to: the whole day. Hours that end before they begin go on
/// over midnight, and belong to the day on which they began.
struct Window {
  std::vector<std::string> days;  ///< "mon" ... "sun"
  int from = 0;                   ///< minutes after midnight
  int to = 0;
  std::string timezone = "UTC";
  std::vector<Freeze> freezes;

  bool is_open_always() const { return days.empty() && from == to && freezes.empty(); }
};

/// A validated `window` table. SH1002 names the key that is wrong, SH1014 a time zone that this machine does not know.
Result<Window> parse_window(const Value& table);

/// SH1938 when `now` (unix ms) is outside the window; the message says what the window is, and what time it is there.
Result<void> check_window(const Window& window, std::int64_t now);

}  // namespace shunt
