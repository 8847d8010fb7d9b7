// What only the Prometheus adapter does.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "adapters/conformance/metrics_prometheus_bench.hpp"
#include "harness/eventually.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

constexpr std::chrono::seconds patience{20};

std::string http_answer(const std::string& status, const std::string& body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", status, body.size(), body);
}

Reading read(PrometheusBench& bench, Metrics& metrics, const std::string& expression) {
  auto reading = bench.run(metrics.query(expression));
  INFO(expression);
  if (!reading) FAIL_CHECK(to_paragraph(reading.error()));
  return reading ? *reading : Reading();
}

Reading read(PrometheusBench& bench, const std::string& expression) {
  return read(bench, bench.metrics(), expression);
}

std::string refusal(PrometheusBench& bench, Metrics& metrics) {
  const auto reading = bench.run(metrics.query("seven"));
  if (reading) return reading->state;
  CHECK_FALSE(reading.error().remedy.empty());
  return reading.error().code;
}

bool becomes(PrometheusBench& bench, const std::string& expression, const std::string& state) {
  return harness::eventually(patience, [&] { return read(bench, expression).state == state; });
}

std::unique_ptr<Metrics> with_stale(PrometheusBench& bench, const std::string& stale) {
  auto config = bench.config();
  config["stale"] = stale;
  return bench.make_metrics(config);
}

void the_time_of_a_number_is_that_of_its_newest_sample(PrometheusBench& bench) {
  const auto old = read(bench, "old_one");
  CHECK(old.state == "stale");
  CHECK(old.time < bench.now() - 100'000);
  CHECK(old.time > bench.now() - 300'000);
  const auto patient = with_stale(bench, "4m");
  const auto good = read(bench, *patient, "sum by (job) (old_one)");
  CHECK(good.state == "ok");
  CHECK(good.value == 5);
  CHECK(good.time == old.time);
}

void one_fresh_series_is_enough(PrometheusBench& bench) {
  CHECK(read(bench, "sum(old_one) + sum(seven)").state == "ok");
  const auto rate = read(bench, "(sum(no_such_errors_total) or vector(0)) / sum(seven)");
  CHECK(rate.state == "ok");
  CHECK(rate.value == 0);
}

void matrices_give_their_newest_value(PrometheusBench& bench) {
  REQUIRE(harness::eventually(patience, [&] { return read(bench, "seven[1m]").samples.size() >= 2; }));
  const auto reading = read(bench, "seven[1m]");
  CHECK(reading.state == "ok");
  CHECK(reading.value == 7);
  CHECK(reading.samples.front().time < reading.samples.back().time);
  CHECK(read(bench, "old_one[5m]").state == "stale");
}

void expressions_arrive_as_they_are(PrometheusBench& bench) {
  CHECK(read(bench, "label_replace(vector(7), \"a\", \"\xc3\xa9&=+%#?\\n\", \"\", \"\")").value == 7);
  CHECK(read(bench, "# a comment\n seven{job=~\".+\"} > 0").value == 7);
  const auto request = bench.last_request();
  CHECK(request.starts_with("POST /api/v1/query HTTP/1.1\r\n"));
  CHECK(request.find("Authorization: Bearer s3cr3t-t0ken\r\n") != std::string::npos);
  CHECK(request.find("\r\nContent-Type: application/x-www-form-urlencoded\r\n") != std::string::npos);
}

void where_the_age_cannot_be_learnt_there_is_a_warning(PrometheusBench& bench) {
  // Two metrics of one name each: timestamp() drops the names, and then they collide.
  const auto reading = read(bench, "count({__name__=~\"seven|no_number\"})");
  CHECK(reading.state == "ok");
  REQUIRE(reading.warnings.size() == 1);
  CHECK(reading.warnings[0].find("how old the samples are") != std::string::npos);
}

void a_series_that_is_gone_is_not_stale_before_its_time(PrometheusBench& bench) {
  REQUIRE(becomes(bench, "count_over_time(seven[30s]) > 15", "ok"));
  bench.exporter().set_text("other 1\n");
  CHECK(becomes(bench, "seven", "empty"));
  const auto window = read(bench, "rate(seven[30s])");
  CHECK(window.state == "ok");
  CHECK(window.time > bench.now() - 60'000);
  const auto strict = with_stale(bench, "1s");
  CHECK(harness::eventually(patience, [&] { return read(bench, *strict, "rate(seven[30s])").state == "stale"; }));
}

void a_pause_of_prometheus_is_stale(PrometheusBench& bench) {
  const auto strict = with_stale(bench, "2s");
  bench.exporter().set_text("paused 1\n");
  REQUIRE(harness::eventually(patience, [&] { return read(bench, *strict, "paused").state == "ok"; }));
  bench.prometheus().program().kill();
  CHECK(refusal(bench, bench.metrics()) == "SH1601");
  // As a long pause would have it: the newest sample is from before.
  bench.exporter().set_text(fmt::format("late 7 {}\n", wall_clock_ms() - 10'000));
  bench.prometheus().start();
  CHECK(harness::eventually(patience, [&] {
    const auto reading = bench.run(strict->query("late"));
    return reading && reading->state == "stale";
  }));
}

void answers_of_what_stands_before_prometheus_are_told_apart(PrometheusBench& bench) {
  struct Case {
    std::string status;
    std::string body;
    std::string code;
  };
  const char* good = R"({"status":"success","data":{"resultType":"scalar","result":[1,"2"]}})";
  const char* slow = R"({"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"})";
  const char* broken = R"({"status":"error","errorType":"internal","error":"disk"})";
  const char* wrong = R"({"status":"error","errorType":"bad_data","error":"parse error"})";
  for (const auto& one :
       {Case{"503 Service Unavailable", "starting", "SH1606"}, Case{"503 Service Unavailable", slow, "SH1602"},
        Case{"503 Service Unavailable", broken, "SH1606"}, Case{"429 Too Many Requests", wrong, "SH1606"},
        Case{"500 Internal Server Error", broken, "SH1605"}, Case{"400 Bad Request", wrong, "SH1603"},
        Case{"502 Bad Gateway", "<html>", "SH1601"}, Case{"504 Gateway Timeout", "<html>", "SH1601"},
        Case{"401 Unauthorized", "", "SH1603"}, Case{"403 Forbidden", "no", "SH1603"},
        Case{"404 Not Found", "404 page not found", "SH1605"}, Case{"302 Found", "", "SH1605"},
        Case{"201 Created", good, "SH1605"}, Case{"200 OK", "", "SH1605"}, Case{"200 OK", good, "ok"}}) {
    INFO(one.status << " " << one.body);
    bench.answer_with(http_answer(one.status, one.body));
    CHECK(refusal(bench, bench.metrics()) == one.code);
  }
  bench.answer_with(http_answer("200 OK", std::string(2 * 1024 * 1024, ' ')));
  CHECK(refusal(bench, bench.metrics()) == "SH1605");
  bench.answer_with("");
}

void secrets_stay_secret(PrometheusBench& bench) {
  auto config = bench.config();
  config["url"] = fmt::format("http://me:pa55word@127.0.0.1:{}", harness::free_port());
  const auto nowhere = bench.make_metrics(config);
  const auto refused = bench.run(nowhere->query("seven"));
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1601");
  CHECK(to_text(to_value(refused.error())).find("pa55word") == std::string::npos);
  config = bench.config();
  config["headers"]["Authorization"] = {{"$secret", {{"env", "NO_SUCH_TOKEN"}}}};
  const auto keyless = bench.make_metrics(config);
  CHECK(refusal(bench, *keyless) == "SH1009");
}

TEST_CASE("what Prometheus has, is, and was") {
  PrometheusBench bench;
  the_time_of_a_number_is_that_of_its_newest_sample(bench);
  one_fresh_series_is_enough(bench);
  matrices_give_their_newest_value(bench);
  expressions_arrive_as_they_are(bench);
  where_the_age_cannot_be_learnt_there_is_a_warning(bench);
  answers_of_what_stands_before_prometheus_are_told_apart(bench);
  secrets_stay_secret(bench);
  a_series_that_is_gone_is_not_stale_before_its_time(bench);
  a_pause_of_prometheus_is_stale(bench);
}

}  // namespace

}  // namespace shunt::conformance
