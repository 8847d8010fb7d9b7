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

Reading read(PrometheusBench& bench, const std::string& expression) { return read(bench, bench.metrics(), expression); }

std::string refusal(PrometheusBench& bench, Metrics& metrics) {
  const auto reading = bench.run(metrics.query("seven"));
  if (reading) return reading->state;
  CHECK_FALSE(reading.error().remedy.empty());
  return reading.error().code;
}

TEST_CASE("what Prometheus has, is, and was") {
  PrometheusBench bench;
  const auto becomes = [&](const std::string& expression, const std::string& state) {
    return harness::eventually(patience, [&] { return read(bench, expression).state == state; });
  };

  SUBCASE("the time of a number is that of its newest sample") {
    const auto old = read(bench, "old_one");
    CHECK(old.state == "stale");
    CHECK(old.time < bench.now() - 100'000);
    CHECK(old.time > bench.now() - 300'000);
    auto config = bench.config();
    config["stale"] = "4m";
    const auto patient = bench.make_metrics(config);
    const auto good = read(bench, *patient, "sum by (job) (old_one)");
    CHECK(good.state == "ok");
    CHECK(good.value == 5);
    CHECK(good.time == old.time);
  }

  SUBCASE("one fresh series is enough, whatever the others are") {
    CHECK(read(bench, "sum(old_one) + sum(seven)").state == "ok");
    CHECK(read(bench, "(sum(no_such_errors_total) or vector(0)) / sum(seven)").value == 0);
    CHECK(read(bench, "(sum(no_such_errors_total) or vector(0)) / sum(seven)").state == "ok");
  }

  SUBCASE("matrices give their newest value") {
    REQUIRE(harness::eventually(patience, [&] { return read(bench, "seven[1m]").samples.size() >= 2; }));
    const auto reading = read(bench, "seven[1m]");
    CHECK(reading.state == "ok");
    CHECK(reading.value == 7);
    CHECK(reading.samples.front().time < reading.samples.back().time);
    CHECK(read(bench, "old_one[5m]").state == "stale");
  }

  SUBCASE("a series that is gone still answers for its window, and is not stale before its time") {
    REQUIRE(becomes("rate(seven[30s])", "ok"));
    bench.exporter().set_text("other 1\n");
    CHECK(becomes("seven", "empty"));
    CHECK(read(bench, "rate(seven[30s])").state == "ok");
    CHECK(read(bench, "rate(seven[30s])").time > bench.now() - 60'000);
    auto config = bench.config();
    config["stale"] = "1s";
    const auto strict = bench.make_metrics(config);
    CHECK(harness::eventually(patience, [&] { return read(bench, *strict, "rate(seven[30s])").state == "stale"; }));
  }

  SUBCASE("a Prometheus that stopped scraping is stale") {
    auto config = bench.config();
    config["stale"] = "2s";
    const auto strict = bench.make_metrics(config);
    REQUIRE(harness::eventually(patience, [&] { return read(bench, *strict, "seven").state == "ok"; }));
    bench.prometheus().program().kill();
    CHECK(refusal(bench, bench.metrics()) != "ok");
    // As a long pause would have it: the newest sample is from before.
    bench.exporter().set_text(fmt::format("seven 7 {}\n", wall_clock_ms() - 10'000));
    bench.prometheus().start();
    CHECK(harness::eventually(patience, [&] {
      const auto reading = bench.run(strict->query("seven"));
      return reading && reading->state == "stale";
    }));
  }

  SUBCASE("expressions with every kind of character arrive as they are") {
    CHECK(read(bench, "label_replace(vector(7), \"a\", \"\xc3\xa9&=+%#?\\n\", \"\", \"\")").value == 7);
    CHECK(read(bench, "# a comment\n seven{job=~\".+\"} > 0").value == 7);
    const auto request = bench.last_request();
    CHECK(request.starts_with("POST /api/v1/query HTTP/1.1\r\n"));
    CHECK(request.find("Authorization: Bearer s3cr3t-t0ken\r\n") != std::string::npos);
    CHECK(request.find("\r\nContent-Type: application/x-www-form-urlencoded\r\n") != std::string::npos);
  }
}

TEST_CASE("answers of what stands before Prometheus, or instead of it") {
  PrometheusBench bench;
  struct Case {
    const char* status;
    const char* body;
    const char* code;
  };
  const char* good = R"({"status":"success","data":{"resultType":"scalar","result":[1,"2"]}})";
  const char* slow = R"({"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"})";
  const char* broken = R"({"status":"error","errorType":"internal","error":"disk"})";
  const char* wrong = R"({"status":"error","errorType":"bad_data","error":"parse error"})";
  for (const auto& one : {Case{"503 Service Unavailable", "starting", "SH1606"}, Case{"503 Service Unavailable", slow, "SH1602"},
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
}

TEST_CASE("where the age of samples cannot be learnt, the number comes with a warning") {
  PrometheusBench bench;
  bench.answer_with(http_answer("200 OK", R"({"status":"success","data":{"resultType":"vector","result":[)"
                                          R"({"metric":{},"value":[1,"7"]}]}})"));
  CHECK(read(bench, "seven").state == "ok");  // "the newest sample is of second 7, and now is second 1"
  bench.answer_with("");
  // Two metrics of one name each: timestamp() drops the names, and then they collide.
  const auto reading = read(bench, "count({__name__=~\"seven|no_number\"})");
  CHECK(reading.state == "ok");
  REQUIRE(reading.warnings.size() == 1);
  CHECK(reading.warnings[0].find("how old the samples are") != std::string::npos);
}

TEST_CASE("secrets in a URL or a header stay secret, and one that is missing is an error of its own") {
  PrometheusBench bench;
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

}  // namespace

}  // namespace shunt::conformance
