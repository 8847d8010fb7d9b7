// One line per event, for logs and pipes.
#pragma once

#include <functional>
#include <string_view>

#include "shunt/events.hpp"

namespace shunt::cli {

/// Takes text that shall be shown; must not block or throw.
using Write = std::function<void(std::string_view)>;

/// "2026-11-21T04:37:13.250Z shift to 10 %: done in 0.3s", without control characters.
class Plain : public Reporter {
 public:
  explicit Plain(Write write) : write_(std::move(write)) {}
  void report(const Event& event) override;

 private:
  Write write_;
};

/// Only how it ended.
class Quiet : public Reporter {
 public:
  explicit Quiet(Write write) : write_(std::move(write)) {}
  void report(const Event& event) override;

 private:
  Write write_;
};

}  // namespace shunt::cli
