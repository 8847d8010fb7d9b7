// A deployment as a person watches it: finished lines stay, the last line lives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cli/report/plain.hpp"
#include "cli/report/style.hpp"

namespace shunt::cli {

/// What a Terminal needs of the real one.
struct Screen {
  Write write;
  std::function<int()> columns;
  std::function<std::int64_t()> now_ms;
};

/// `report` on the loop's thread; `tick`, several times a second, on any.
class Terminal : public Reporter {
 public:
  Terminal(Screen screen, Style style) : screen_(std::move(screen)), style_(style) {}
  void report(const Event& event) override;

  /// Draws the live line anew: its time goes on between events.
  void tick();

  /// Removes the live line for good, so that others can write.
  void clear();

 private:
  struct Open {
    std::string verb;
    std::string label;
    std::int64_t since = 0;
    std::string progress;  ///< how far it is, in words
    bool shown = true;     ///< gets a line of its own when it is done
  };

  struct Shares {
    std::int64_t blue = 0;
    std::int64_t green = 0;
  };

  void begin(const Value& fields);
  void finish(const Value& fields);
  void gate(const Value& fields);
  void say(const std::string& line);
  void erase();
  void draw();
  std::string live_line() const;
  std::string indent() const;
  std::string bar(const Shares& shares) const;
  std::string traffic_text() const;

  Screen screen_;
  Style style_;
  std::mutex mutex_;
  std::vector<Open> open_;
  std::map<std::string, std::string> gates_;  ///< the last of each, while it is watched
  std::map<std::string, Shares> shares_;      ///< by service
  std::string question_;
  std::string out_;  ///< not written yet
  int phases_ = 0;
  unsigned frame_ = 0;
  bool drawn_ = false;
};

}  // namespace shunt::cli
