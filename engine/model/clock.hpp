// Time that passes only when it is told to.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "loop/suspend.hpp"
#include "shunt/duration.hpp"

namespace shunt::model {

/// Whoever sleeps wakes in order of time, and of falling asleep where that is equal. Loop thread only.
class Clock {
 public:
  /// An ordinary day: 2027-01-15 08:00 UTC.
  static constexpr std::int64_t first_moment = 1'800'000'000'000;

  std::int64_t now() const { return now_; }

  /// Unlike a real one, a sleep of nothing ends only with the next `advance`, too.
  Task<void> sleep(Milliseconds duration);

  /// Goes to the moment at which the next sleeper wakes, and wakes it; false when nobody sleeps.
  bool advance();

  /// Time goes by while nobody looks; who should have woken wakes with the next `advance`.
  void pass(Milliseconds duration) { now_ += duration.count(); }

  /// Whoever sleeps is gone.
  void forget_sleepers() { sleepers_.clear(); }

 private:
  using Moment = std::pair<std::int64_t, std::int64_t>;

  loop::Abort<void> lay_down(Moment moment, const loop::Completion<void>& completion);

  std::int64_t now_ = first_moment;
  std::int64_t order_ = 0;
  std::map<Moment, loop::Completion<void>> sleepers_;
};

}  // namespace shunt::model
