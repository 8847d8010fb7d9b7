// When something must have ended.
#pragma once

#include <algorithm>
#include <chrono>

#include "shunt/duration.hpp"

namespace shunt::loop {

/// A length of time, from its construction on, that several waits share.
class TimeLimit {
 public:
  explicit TimeLimit(Milliseconds limit) : end_(std::chrono::steady_clock::now() + limit) {}

  /// Never negative.
  Milliseconds rest() const {
    const auto rest = std::chrono::duration_cast<Milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(rest, Milliseconds(0));
  }
  bool is_over() const { return rest() == Milliseconds(0); }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace shunt::loop
