#include <sys/random.h>
#include <stdexcept>

#include "effects/calendar.hpp"
#include "effects/live.hpp"
#include "loop/sleep.hpp"
#include "shunt/duration.hpp"

namespace shunt::effects {

namespace {

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) throw std::runtime_error("the kernel gave no random bytes");
  return bits;
}

}  // namespace

Task<Outcome> Live::clock_now(Call) {
  Outcome outcome(Value(double(wall_clock_ms()) / 1000.0));
  co_return std::move(outcome);
}

Task<Outcome> Live::clock_date(Call call) {
  Outcome outcome = date_at(wall_clock_ms(), call.args.value("zone", ""));
  co_return std::move(outcome);
}

Task<Outcome> Live::clock_sleep(Call call) {
  const Milliseconds duration(call.args.value("duration_ms", std::int64_t{0}));
  co_await loop::sleep(duration);
  Outcome nothing;
  co_return std::move(nothing);
}

Task<Outcome> Live::random_number(Call) {
  Outcome outcome(Value(double(random_bits() >> 11) * 0x1.0p-53));
  co_return std::move(outcome);
}

Task<Outcome> Live::random_uuid(Call) {
  const auto high = random_bits();
  Outcome outcome(Value(uuid_of(high, random_bits())));
  co_return std::move(outcome);
}

Task<Outcome> Live::approval_wait(Call call) {
  if (!approvals_) {
    Outcome no(Error("SH1906", Kind::adapter, "nobody can answer a question here", "run it with `shunt deploy`"));
    co_return std::move(no);
  }
  Value args = std::move(call.args);
  Outcome outcome = co_await approvals_(std::move(args));
  co_return std::move(outcome);
}

Task<Outcome> Live::prompt_read(Call call) {
  Outcome outcome(Value::object());
  if (!lines_) co_return std::move(outcome);
  Value args = std::move(call.args);
  outcome = co_await lines_(std::move(args));
  co_return std::move(outcome);
}

}  // namespace shunt::effects
