#include "spec/window.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "config/local_time.hpp"

namespace shunt {

namespace {

constexpr std::array<const char*, 7> weekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int minutes_of_a_day = 24 * 60;

Error misplaced(const std::string& path, const std::string& message, const std::string& remedy) {
  return Error("SH1002", Kind::config, message, remedy).with({{"path", path}});
}

bool has_form(const std::string& text, const std::string& form) {
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [](char is, char wanted) {
           return wanted == '0' ? std::isdigit(static_cast<unsigned char>(is)) != 0 : is == wanted;
         });
}

std::optional<int> minutes_in(const std::string& text) {
  if (!has_form(text, "00:00")) return std::nullopt;
  const int hour = std::stoi(text.substr(0, 2));
  const int minute = std::stoi(text.substr(3, 2));
  if (hour > 24 || minute > 59 || (hour == 24 && minute > 0)) return std::nullopt;
  return hour * 60 + minute;
}

Result<void> read_hours(const std::string& hours, Window& window) {
  const auto dash = hours.find('-');
  const auto from = minutes_in(hours.substr(0, dash));
  const auto to = dash == std::string::npos ? std::nullopt : minutes_in(hours.substr(dash + 1));
  if (!from || !to || *from == minutes_of_a_day)
    return misplaced("window.hours", fmt::format("'{}' is no span of hours", hours), "write it like 09:00-17:00");
  window.from = *from;
  window.to = *to;
  return {};
}

Result<void> read_freezes(const Value& list, Window& window) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    Freeze freeze;
    freeze.from = list[i]["from"];
    freeze.to = list[i]["to"];
    freeze.reason = list[i].value("reason", "");
    if (!has_form(freeze.from, "0000-00-00") || !has_form(freeze.to, "0000-00-00") || freeze.to < freeze.from)
      return misplaced(fmt::format("window.freeze[{}]", i + 1),
                       fmt::format("'{}' to '{}' is no span of days", freeze.from, freeze.to),
                       "write days like 2026-12-20, the earlier one first");
    window.freezes.push_back(std::move(freeze));
  }
  return {};
}

std::string date_of(const std::tm& time) {
  return fmt::format("{:04}-{:02}-{:02}", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday);
}

bool is_open(const Window& window, const std::tm& time) {
  const int minute = time.tm_hour * 60 + time.tm_min;
  const bool whole_day = window.from == window.to;
  const bool over_midnight = window.to < window.from;
  const bool is_early = over_midnight && minute < window.to;  // it began the day before
  const auto day = static_cast<std::size_t>((time.tm_wday + (is_early ? 6 : 0)) % 7);
  const bool on_day =
      window.days.empty() || std::find(window.days.begin(), window.days.end(), weekdays.at(day)) != window.days.end();
  const bool in_hours = whole_day || is_early || (minute >= window.from && (over_midnight || minute < window.to));
  return on_day && in_hours;
}

std::string text_of(const Window& window) {
  const auto days = window.days.empty() ? std::string("every day") : fmt::format("{}", fmt::join(window.days, ", "));
  if (window.from == window.to) return fmt::format("{} ({})", days, window.timezone);
  return fmt::format("{} {:02}:{:02}-{:02}:{:02} ({})", days, window.from / 60, window.from % 60, window.to / 60,
                     window.to % 60, window.timezone);
}

Error outside(std::string message) {
  return {"SH1938", Kind::config, std::move(message), "wait, or override it with --force --reason TEXT"};
}

}  // namespace

Result<Window> parse_window(const Value& table) {
  Window window;
  window.timezone = table.value("timezone", "UTC");
  for (const auto& day : table.value("days", std::vector<std::string>{})) {
    if (std::find(weekdays.begin(), weekdays.end(), day) == weekdays.end())
      return misplaced("window.days", fmt::format("'{}' is no day", day), "use mon, tue, wed, thu, fri, sat and sun");
    window.days.push_back(day);
  }
  if (table.contains("hours"))
    if (auto fine = read_hours(table["hours"], window); !fine) return fine.error();
  if (auto fine = read_freezes(table.value("freeze", Value::array()), window); !fine) return fine.error();
  if (const auto known = local_time(window.timezone, 0); !known)
    return Error(known.error()).with({{"path", "window.timezone"}});
  if (window.is_open_always())
    return misplaced("window", "window says neither days nor hours nor freeze",
                     "say when it may be deployed, or remove it");
  return window;
}

Result<void> check_window(const Window& window, std::int64_t now) {
  const auto time = local_time(window.timezone, now);
  if (!time) return time.error();
  const auto date = date_of(*time);
  for (const auto& freeze : window.freezes)
    if (freeze.from <= date && date <= freeze.to)
      return outside(fmt::format("nothing is deployed from {} to {}{}", freeze.from, freeze.to,
                                 freeze.reason.empty() ? "" : ": " + freeze.reason));
  if (is_open(window, *time)) return {};
  return outside(fmt::format("it may be deployed {}; there it is {} {:02}:{:02} now", text_of(window),
                             weekdays.at(static_cast<std::size_t>(time->tm_wday)), time->tm_hour, time->tm_min));
}

}  // namespace shunt
