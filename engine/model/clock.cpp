#include "model/clock.hpp"

#include <algorithm>

namespace shunt::model {

Task<bool> Clock::sleep(Milliseconds duration) {
  const Moment moment(now_ + std::max<std::int64_t>(duration.count(), 0), order_++);
  auto begin = [this, moment](const loop::Completion<bool>& completion) { return lay_down(moment, completion); };
  const bool woke = co_await loop::suspend<bool>(std::move(begin));
  co_return woke;
}

loop::Abort<bool> Clock::lay_down(Moment moment, const loop::Completion<bool>& completion) {
  sleepers_.emplace(moment, completion);
  return [this, moment](const loop::Completion<bool>& cancelled) {
    sleepers_.erase(moment);
    cancelled.succeed(false);
  };
}

bool Clock::advance() {
  if (sleepers_.empty()) return false;
  const auto next = sleepers_.extract(sleepers_.begin());
  now_ = std::max(now_, next.key().first);
  next.mapped().succeed(true);
  return true;
}

}  // namespace shunt::model
