// Short texts that people write: durations, percentages, versions, windows, time zones, expressions with selectors.
// Every reader gets the whole input; a window has the first lines: zone, hours, days, first and last day of a freeze.
#include <fmt/format.h>

#include "adapters/metrics/prometheus/selectors.hpp"
#include "config/local_time.hpp"
#include "fuzz/target.hpp"
#include "runtime.hpp"
#include "shunt/duration.hpp"
#include "shunt/schema.hpp"
#include "spec/app.hpp"
#include "strategies/bundled.hpp"

namespace shunt::fuzz {

namespace {

constexpr std::int64_t now = 1'795'000'000'000;

void try_duration(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) {
    expect(duration.error().code == "SH1006", "it is said to be no duration");
    return;
  }
  expect(duration->count() >= 0, "a duration is not below 0");
  expect(!to_text(*duration).empty(), "a duration can be printed");
  const auto again = parse_duration(fmt::format("{}ms", duration->count()));
  expect(again && *again == *duration, "milliseconds lose nothing");
}

void try_window(const std::vector<std::string>& lines) {
  const auto line = [&](std::size_t index) { return index < lines.size() ? lines[index] : std::string(); };
  Value table = {{"timezone", line(0)}};
  if (!line(1).empty()) table["hours"] = line(1);
  if (!line(2).empty()) table["days"] = Value::array({line(2)});
  if (!line(3).empty()) table["freeze"] = Value::array({{{"from", line(3)}, {"to", line(4)}}});
  const auto window = parse_window(table);
  if (!window) return;
  expect(window->from >= 0 && window->from < 24 * 60 && window->to >= 0 && window->to <= 24 * 60, "hours are of a day");
  for (std::int64_t day = 0; day < 7; ++day) {
    const auto open = check_window(*window, now + day * 86'400'000);
    if (!open) expect(open.error().code == "SH1938", "it is said to be closed");
  }
}

const Script& gradual() {
  static const auto scripts = lua::make_runtime(bundled_strategies());
  static const auto script = scripts->load_strategy("gradual.lua", nullptr, ScriptLimits());
  return **script;
}

void try_options(const std::string& text) {
  const auto steps = gradual().options({{"steps", text}});
  if (steps)
    for (const auto& step : steps->at("steps"))
      expect(step.is_number_integer() && step >= 0 && step <= 100, "a step is a percentage");
  const auto soak = gradual().options({{"soak", text}});
  expect(bool(soak) == bool(parse_duration(text)), "an option reads a duration as everybody does");
}

void try_selectors(std::string_view text) {
  const auto selectors = prometheus::selectors_of(text);
  std::size_t length = 0;
  for (const auto& selector : selectors) length += selector.size();
  expect(length <= text.size(), "selectors are parts of the expression");
  prometheus::newest_sample_within(selectors, Milliseconds(60'000));
  if (const auto newest = prometheus::newest_sample(selectors))
    expect(!prometheus::selectors_of(*newest).empty(), "what is asked has selectors again");
}

}  // namespace

void take(std::string_view input) {
  const std::string text(input);
  try_duration(text);
  if (const auto version = check_version(text); version) expect(text.size() <= 63, "a version is short");
  try_window(lines_of(input));
  try_options(text);
  try_selectors(input);
  nearest(text, {"timeout", "interval", "successes"});
}

}  // namespace shunt::fuzz
