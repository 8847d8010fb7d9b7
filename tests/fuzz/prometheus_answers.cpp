// What Prometheus answers: the JSON of a query, and the header that says when to come back. The first line is the
// header, the rest the body; an input of one line is the body.
#include <cmath>

#include "adapters/metrics/prometheus/answers.hpp"
#include "fuzz/target.hpp"
#include "shunt/http.hpp"

namespace shunt::fuzz {

namespace {

constexpr std::int64_t now = 1'795'000'000'000;
constexpr std::int64_t an_hour = 3'600'000;

void try_body(std::string_view body) {
  auto answer = prometheus::parse_answer(body);
  if (!answer) {
    const auto& error = answer.error();
    expect(error.code.starts_with("SH16"), "a refusal has a code");
    expect(!to_paragraph(error).empty() && !to_text(to_value(error)).empty(), "an error can be printed");
    return;
  }
  const auto reading = prometheus::reading_of(std::move(*answer));
  expect(reading.state == "ok" || reading.state == "empty" || reading.state == "nan", "a reading is one of three");
  if (reading.state == "ok") expect(std::isfinite(reading.value), "a value is a number");
}

}  // namespace

void take(std::string_view input) {
  const auto end = input.find('\n');
  try_body(input);
  if (end == std::string_view::npos) return;
  const auto pause = http::parse_retry_after(input.substr(0, end), now);
  expect(pause >= 0 && pause <= an_hour, "a pause is at most an hour");
  try_body(input.substr(end + 1));
}

}  // namespace shunt::fuzz
