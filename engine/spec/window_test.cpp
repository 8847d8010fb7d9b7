// When an app may be deployed.
#include "spec/window.hpp"

#include <doctest/doctest.h>

using namespace shunt;

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t monday = 1'795'392'000'000;  ///< 2026-11-23 00:00 UTC

Window window_of(const Value& table) {
  const auto window = parse_window(table);
  REQUIRE(bool(window));
  return *window;
}

bool is_open(const Value& table, std::int64_t at) {
  return bool(check_window(window_of(table), at));
}

}  // namespace

TEST_CASE("days and hours") {
  const Value office = {{"days", {"mon", "tue"}}, {"hours", "09:00-17:00"}};
  CHECK_FALSE(is_open(office, monday + 9 * hour - minute));
  CHECK(is_open(office, monday + 9 * hour));
  CHECK(is_open(office, monday + 17 * hour - minute));
  CHECK_FALSE(is_open(office, monday + 17 * hour));
  CHECK(is_open(office, monday + day + 12 * hour));
  CHECK_FALSE(is_open(office, monday + 2 * day + 12 * hour));
  CHECK_FALSE(is_open(office, monday - day + 12 * hour));
  CHECK(is_open({{"hours", "00:00-24:00"}}, monday + 23 * hour + 59 * minute));
}

TEST_CASE("hours over midnight belong to the day on which they began") {
  const Value night = {{"days", {"mon"}}, {"hours", "22:00-04:00"}};
  CHECK(is_open(night, monday + 23 * hour));
  CHECK(is_open(night, monday + day + 3 * hour));
  CHECK_FALSE(is_open(night, monday + 3 * hour));
  CHECK_FALSE(is_open(night, monday + day + 23 * hour));
}

TEST_CASE("the clock is the zone's, summer time included") {
  const Value zurich = {{"hours", "09:00-10:00"}, {"timezone", "Europe/Zurich"}};
  CHECK(is_open(zurich, monday + 8 * hour + 30 * minute));  // one hour ahead in winter
  CHECK_FALSE(is_open(zurich, monday + 7 * hour + 30 * minute));
  const auto july = monday - 140 * day;  // two hours ahead in summer
  CHECK(is_open(zurich, july + 7 * hour + 30 * minute));
}

TEST_CASE("a freeze includes its last day, and says why") {
  const Value sale = {{"freeze", {{{"from", "2026-11-23"}, {"to", "2026-11-24"}, {"reason", "the sale"}}}}};
  const auto refused = check_window(window_of(sale), monday + day + 23 * hour);
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1938");
  CHECK(refused.error().message.find("the sale") != std::string::npos);
  CHECK(is_open(sale, monday + 2 * day));
  CHECK(is_open(sale, monday - minute));
}

TEST_CASE("a refusal says what the window is, and what time it is there") {
  const Value office = {{"days", {"mon"}}, {"hours", "09:00-17:00"}, {"timezone", "Europe/Zurich"}};
  const auto refused = check_window(window_of(office), monday + day + 12 * hour);
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().message == "it may be deployed mon 09:00-17:00 (Europe/Zurich); there it is tue 13:00 now");
}

TEST_CASE("what is no window is refused, with the key that is wrong") {
  const auto path_of = [](const Value& table) {
    const auto window = parse_window(table);
    REQUIRE_FALSE(bool(window));
    return window.error().code + " " + window.error().evidence.value("path", "");
  };
  CHECK(path_of({{"days", {"monday"}}}) == "SH1002 window.days");
  for (const auto* hours : {"9-17", "09:00", "25:00-26:00", "09:60-10:00", "09:00-17:00h", "24:00-01:00"})
    CHECK(path_of({{"hours", hours}}) == "SH1002 window.hours");
  CHECK(path_of({{"freeze", {{{"from", "2026-12-24"}, {"to", "2026-12-20"}}}}}) == "SH1002 window.freeze[1]");
  CHECK(path_of({{"freeze", {{{"from", "christmas"}, {"to", "2026-12-20"}}}}}) == "SH1002 window.freeze[1]");
  CHECK(path_of({{"hours", "09:00-17:00"}, {"timezone", "Europe/Zurch"}}) == "SH1014 window.timezone");
  CHECK(path_of({{"hours", "09:00-17:00"}, {"timezone", "../../etc/passwd"}}) == "SH1014 window.timezone");
  CHECK(path_of({{"hours", "09:00-17:00"}, {"timezone", std::string(2'000, 't')}}) == "SH1014 window.timezone");
  CHECK(path_of(Value::object()) == "SH1002 window");
}
