// Time that passes only when it is told to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

  /// Unlike a real one, a sleep of nothing ends only with the next `advance`, too. False when it was cancelled: a throw
  /// through every frame above would cost more than all else a simulated Call does.
  Task<bool> sleep(Milliseconds duration);

  /// Goes to the moment at which the next sleeper wakes, and wakes it; false when nobody sleeps.
  bool advance();

  /// When the next sleeper wakes; nothing when nobody sleeps.
  std::optional<std::int64_t> next() const {
    return sleepers_.empty() ? std::nullopt : std::optional(sleepers_.begin()->first.first);
  }

  /// Time goes by while nobody looks; who should have woken wakes with the next `advance`.
  void pass(Milliseconds duration) { now_ += duration.count(); }

  /// Whoever sleeps is gone.
  void forget_sleepers() { sleepers_.clear(); }

 private:
  using Moment = std::pair<std::int64_t, std::int64_t>;

  loop::Abort<bool> lay_down(Moment moment, const loop::Completion<bool>& completion);

  std::int64_t now_ = first_moment;
  std::int64_t order_ = 0;
  std::map<Moment, loop::Completion<bool>> sleepers_;
};

}  // namespace shunt::model
