#include "model/clock.hpp"

#include <algorithm>

namespace shunt::model {

Task<void> Clock::sleep(Milliseconds duration) {
  const Moment moment(now_ + std::max<std::int64_t>(duration.count(), 0), order_++);
  auto begin = [this, moment](const loop::Completion<void>& completion) { return lay_down(moment, completion); };
  co_await loop::suspend<void>(std::move(begin));
}

loop::Abort<void> Clock::lay_down(Moment moment, const loop::Completion<void>& completion) {
  sleepers_.emplace(moment, completion);
  return [this, moment](const loop::Completion<void>& cancelled) {
    sleepers_.erase(moment);
    cancelled.fail(loop::cancellation());
  };
}

bool Clock::advance() {
  if (sleepers_.empty()) return false;
  const auto next = sleepers_.extract(sleepers_.begin());
  now_ = std::max(now_, next.key().first);
  next.mapped().succeed();
  return true;
}

}  // namespace shunt::model
