#include <fmt/format.h>
#include <sys/random.h>
#include <array>

#include "config/local_time.hpp"
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
  static constexpr std::array<const char*, 7> weekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const auto parts = local_time(call.args.value("zone", ""), wall_clock_ms());
  if (!parts) {
    Outcome no(parts.error());
    co_return std::move(no);
  }
  Outcome outcome(Value{{"year", parts->tm_year + 1900},
                        {"month", parts->tm_mon + 1},
                        {"day", parts->tm_mday},
                        {"hour", parts->tm_hour},
                        {"minute", parts->tm_min},
                        {"weekday", weekdays.at(static_cast<std::size_t>(parts->tm_wday))}});
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
  const auto high = (random_bits() & ~0xf000ULL) | 0x4000ULL;
  const auto low = (random_bits() & ~(0x3ULL << 62)) | (0x2ULL << 62);
  Outcome outcome(Value(fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                                    high & 0xffff, low >> 48, low & 0xffffffffffffULL)));
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

}  // namespace shunt::effects
