#include "effects/calendar.hpp"

#include <fmt/format.h>
#include <array>

#include "config/local_time.hpp"

namespace shunt::effects {

Outcome date_at(std::int64_t time, const std::string& zone) {
  static constexpr std::array<const char*, 7> weekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const auto parts = local_time(zone, time);
  if (!parts) return parts.error();
  return Value{{"year", parts->tm_year + 1900}, {"month", parts->tm_mon + 1},
               {"day", parts->tm_mday},         {"hour", parts->tm_hour},
               {"minute", parts->tm_min},       {"weekday", weekdays.at(static_cast<std::size_t>(parts->tm_wday))}};
}

std::string uuid_of(std::uint64_t high, std::uint64_t low) {
  high = (high & ~0xf000ULL) | 0x4000ULL;
  low = (low & ~(0x3ULL << 62)) | (0x2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffffffffffffULL);
}

}  // namespace shunt::effects
