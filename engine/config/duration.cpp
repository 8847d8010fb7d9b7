#include "shunt/duration.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace shunt {

namespace {

struct Unit {
  std::string_view name;
  double ms;
};

constexpr std::array<Unit, 6> units = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"", 1'000}}};

Error not_a_duration(std::string_view text) {
  return {"SH1006", Kind::config, fmt::format("'{}' is not a duration", text),
          "write it like 250ms, 3s, 10m or 1h, or as a number of seconds"};
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (parsed.ec != std::errc{} || number < 0 || !std::isfinite(number)) return not_a_duration(text);
  const std::string_view rest(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
  for (const auto& unit : units) {
    if (rest != unit.name) continue;
    const double ms = number * unit.ms;
    if (ms > 1e14) return not_a_duration(text);
    return Milliseconds(std::llround(ms));
  }
  return not_a_duration(text);
}

Result<Milliseconds> duration_from(const Value& value) {
  if (value.is_string()) return parse_duration(value.get_ref<const std::string&>());
  if (!value.is_number()) return not_a_duration(to_text(value));
  const double seconds = value.get<double>();
  if (!(seconds >= 0) || seconds > 1e11) return not_a_duration(to_text(value));
  return Milliseconds(std::llround(seconds * 1000));
}

std::string to_text(Milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1'000) return fmt::format("{}ms", ms);
  if (ms < 60'000) return ms % 1'000 == 0 ? fmt::format("{}s", ms / 1'000) : fmt::format("{:.1f}s", double(ms) / 1e3);
  const auto part = [](long long large, const char* one, long long small, const char* other) {
    return small == 0 ? fmt::format("{}{}", large, one) : fmt::format("{}{} {}{}", large, one, small, other);
  };
  const auto seconds = ms / 1'000;
  if (seconds < 3'600) return part(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86'400) return part(seconds / 3'600, "h", seconds % 3'600 / 60, "m");
  return part(seconds / 86'400, "d", seconds % 86'400 / 3'600, "h");
}

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string to_timestamp(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, unix_ms % 1'000);
}

}  // namespace shunt
