#include "adapters/conformance/metrics_suite.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "config/catalogue.hpp"
#include "loop/deadline.hpp"

namespace shunt::conformance {

namespace {

constexpr std::int64_t one_minute = 60'000;

Result<Reading> ask(MetricsBench& bench, Question question) {
  return bench.run(bench.metrics().query(bench.expression(question)));
}

Reading read(MetricsBench& bench, Question question) {
  auto reading = ask(bench, question);
  if (!reading) FAIL_CHECK(to_paragraph(reading.error()));
  return reading ? *reading : Reading();
}

Error refusal(MetricsBench& bench, Question question, const std::string& code) {
  auto reading = ask(bench, question);
  if (reading) {
    FAIL_CHECK("an answer where " << code << " was expected: " << reading->state);
    return {};
  }
  const auto& error = reading.error();
  INFO(to_paragraph(error));
  CHECK(error.code == code);
  CHECK(find_code(error.code) != nullptr);
  CHECK_FALSE(error.message.empty());
  CHECK_FALSE(error.remedy.empty());
  const auto everything = to_text(to_value(error));
  for (const char* word : {"std::", "asio", "shunt::", "nlohmann"}) CHECK(everything.find(word) == std::string::npos);
  if (!bench.secret().empty()) CHECK(everything.find(bench.secret()) == std::string::npos);
  return error;
}

void numbers_come_with_their_time(MetricsBench& bench) {
  const auto reading = read(bench, Question::one_series);
  CHECK(reading.state == "ok");
  CHECK(reading.value == 7);
  CHECK(reading.time > bench.now() - one_minute);
  CHECK(reading.time < bench.now() + one_minute);
  REQUIRE(reading.samples.size() == 1);
  CHECK(reading.samples[0].value == 7);
  CHECK(reading.warnings.empty());
  CHECK(read(bench, Question::scalar).state == "ok");
  CHECK(read(bench, Question::scalar).value == 2);
}

void empty_nan_and_stale_are_three_answers(MetricsBench& bench) {
  CHECK(read(bench, Question::nothing).state == "empty");
  CHECK(read(bench, Question::not_a_number).state == "nan");
  CHECK(read(bench, Question::infinite).state == "nan");
  const auto stale = read(bench, Question::out_of_date);
  CHECK(stale.state == "stale");
  CHECK(stale.time < bench.now() - one_minute);
  for (const auto question : {Question::nothing, Question::not_a_number, Question::infinite, Question::out_of_date})
    CHECK(read(bench, question).value == 0);
}

void what_is_no_number_is_refused(MetricsBench& bench) {
  CHECK(refusal(bench, Question::two_series, "SH1604").kind == Kind::config);
  CHECK(refusal(bench, Question::text, "SH1605").kind == Kind::adapter);
  const auto refused = refusal(bench, Question::bad_expression, "SH1603");
  CHECK(refused.kind == Kind::config);
  CHECK_FALSE(refused.retryable);
  CHECK(refused.message.find("parse error") != std::string::npos);
}

void every_trouble_has_an_error_of_its_own(MetricsBench& bench) {
  struct Failure {
    MetricsTrouble trouble;
    std::string code;
    bool is_retryable;
  };
  for (const auto& failure :
       {Failure{MetricsTrouble::down, "SH1601", true}, Failure{MetricsTrouble::hang, "SH1602", true},
        Failure{MetricsTrouble::garbage, "SH1605", false}, Failure{MetricsTrouble::too_busy, "SH1606", true}}) {
    INFO("code: " << failure.code);
    bench.make(failure.trouble);
    const auto begin = bench.now();
    const auto error = refusal(bench, Question::one_series, failure.code);
    CHECK(error.retryable == failure.is_retryable);
    CHECK(bench.now() - begin <= 2 * bench.timeout().count());
    if (failure.trouble == MetricsTrouble::hang) CHECK(bench.now() - begin >= bench.timeout().count() - 5);
    if (failure.trouble == MetricsTrouble::too_busy) CHECK(error.evidence.value("retry_after_ms", 0) == 3'000);
  }
  bench.make(MetricsTrouble::none);
  CHECK(read(bench, Question::one_series).value == 7);
}

void warnings_are_passed_on(MetricsBench& bench) {
  bench.make(MetricsTrouble::warning);
  const auto reading = read(bench, Question::one_series);
  bench.make(MetricsTrouble::none);
  CHECK(reading.state == "ok");
  REQUIRE_FALSE(reading.warnings.empty());
  CHECK(reading.warnings[0] == "half of it is missing");
}

void cancelled_half_way_leaves_nothing_behind(MetricsBench& bench) {
  bench.make(MetricsTrouble::hang);
  const auto expression = bench.expression(Question::one_series);
  const auto cancelled = bench.run(loop::with_deadline(bench.metrics().query(expression), Milliseconds(10)));
  CHECK_FALSE(cancelled.has_value());
  bench.make(MetricsTrouble::none);
  CHECK(read(bench, Question::one_series).value == 7);
}

struct Case {
  std::string name;
  void (*check)(MetricsBench&);
};

const std::vector<Case> cases = {
    {"numbers come with their time", numbers_come_with_their_time},
    {"empty, nan and stale are three answers", empty_nan_and_stale_are_three_answers},
    {"what is no number is refused", what_is_no_number_is_refused},
    {"every trouble has an error of its own", every_trouble_has_an_error_of_its_own},
    {"warnings are passed on", warnings_are_passed_on},
    {"cancelled half way leaves nothing behind", cancelled_half_way_leaves_nothing_behind},
};

}  // namespace

void check_metrics(const MakeMetricsBench& make_bench) {
  const auto bench = make_bench();
  for (const auto& one : cases) {
    INFO("case: " << one.name);
    one.check(*bench);
  }
}

namespace {

struct Asked {
  const char* name;
  MetricsTrouble trouble;
  Question question;
  const char* recorded;  ///< state and number, or the error's code and whether it is worth another try
};

// Recorded from Prometheus 2.42.
const std::vector<Asked>& recorded_answers() {
  using T = MetricsTrouble;
  using Q = Question;
  static const std::vector<Asked> all = {
      {"a series", T::none, Q::one_series, "ok 7"},
      {"a scalar", T::none, Q::scalar, "ok 2"},
      {"nothing", T::none, Q::nothing, "empty"},
      {"not a number", T::none, Q::not_a_number, "nan"},
      {"infinite", T::none, Q::infinite, "nan"},
      {"out of date", T::none, Q::out_of_date, "stale"},
      {"two series", T::none, Q::two_series, "SH1604"},
      {"a bad expression", T::none, Q::bad_expression, "SH1603"},
      {"a text", T::none, Q::text, "SH1605"},
      {"while it is down", T::down, Q::one_series, "SH1601 again"},
      {"while it hangs", T::hang, Q::one_series, "SH1602 again"},
      {"while another answers", T::garbage, Q::one_series, "SH1605"},
      {"while it is busy", T::too_busy, Q::one_series, "SH1606 again"},
      {"afterwards", T::none, Q::one_series, "ok 7"},
  };
  return all;
}

}  // namespace

void check_metrics_trace(const MakeMetricsBench& make_bench) {
  const auto bench = make_bench();
  for (const auto& asked : recorded_answers()) {
    INFO("question: " << asked.name);
    bench->make(asked.trouble);
    const auto reading = bench->run(bench->metrics().query(bench->expression(asked.question)));
    auto line = reading ? reading->state : reading.error().code;
    if (reading && reading->state == "ok") line += fmt::format(" {}", reading->value);
    if (!reading && reading.error().retryable) line += " again";
    CHECK(line == asked.recorded);
  }
}

}  // namespace shunt::conformance
