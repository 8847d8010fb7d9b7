#include "adapters/metrics/prometheus/selectors.hpp"

#include <doctest/doctest.h>

#include <random>

namespace shunt::prometheus {

namespace {

using Names = std::vector<std::string>;

TEST_CASE("selectors are found wherever they stand") {
  CHECK(selectors_of("up") == Names{"up"});
  CHECK(selectors_of("job:errors:rate5m{color=\"green\"}") == Names{"job:errors:rate5m{color=\"green\"}"});
  CHECK(selectors_of("{__name__=~\"a|b\"}") == Names{"{__name__=~\"a|b\"}"});
  CHECK(selectors_of(
            R"(sum(rate(http_errors_total{color="green"}[1m])) / sum(rate(http_requests_total{color="green"}[1m])))") ==
        Names{R"(http_errors_total{color="green"})", R"(http_requests_total{color="green"})"});
  CHECK(selectors_of("a + a - b") == Names{"a", "b"});
  CHECK(selectors_of("up {job = \"x\"} > bool 0") == Names{"up{job = \"x\"}"});
}

TEST_CASE("what only looks like a selector is none") {
  CHECK(selectors_of("vector(1) + time() * 2.5e3 - 0x1F + Inf + NaN").empty());
  CHECK(selectors_of("\"up\" 'up' `up`").empty());
  CHECK(selectors_of("# up\n1 # down").empty());
  CHECK(selectors_of("sum by (job, color) (a)") == Names{"a"});
  CHECK(selectors_of("sum without(job)(a)") == Names{"a"});
  CHECK(selectors_of("topk by (x) (3, a) and on (job) b unless ignoring(c) d or e") == Names{"a", "b", "d", "e"});
  CHECK(selectors_of("a * on (x) group_left (y) b") == Names{"a", "b"});
  CHECK(selectors_of("a[5m:30s] offset 1w2d @ start() + b @ 1609746000 OFFSET -5m") == Names{"a", "b"});
  CHECK(selectors_of("label_replace(a, \"to\", \"$1\", \"from\", \"(.*)\\\"x\")") == Names{"a"});
  CHECK(selectors_of(R"(a{x="}", y='{', z=`\`, w="\"}"} + b)") == Names{R"(a{x="}", y='{', z=`\`, w="\"}"})", "b"});
}

TEST_CASE("the newest sample is asked for by one expression") {
  CHECK_FALSE(newest_sample({}).has_value());
  CHECK(newest_sample({"up"}) == "max(timestamp(up))");
  CHECK(newest_sample({"a", "b{c=\"d\"}"}) == R"(max(label_replace(max(timestamp(a)), "n", "0", "", "") or )"
                                              R"(label_replace(max(timestamp(b{c="d"})), "n", "1", "", "")))");
  CHECK_FALSE(newest_sample(Names(21, "up")).has_value());
  CHECK(newest_sample_within({"up"}, Milliseconds(60'000)) == "max(max_over_time(timestamp(up)[60000ms:1000ms]))");
  CHECK(newest_sample_within({"up"}, Milliseconds(600'000)) == "max(max_over_time(timestamp(up)[600000ms:10000ms]))");
  CHECK(newest_sample_within({"up"}, Milliseconds(100)) == "max(max_over_time(timestamp(up)[1000ms:1000ms]))");
}

TEST_CASE("no expression whatever breaks the search") {
  std::mt19937 random(20261121);
  const std::string letters = "ab_:1.5e(){}[]\"'`\\# \n,=~+-*/@<>";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto length = random() % 40; length > 0; --length) text += letters[random() % letters.size()];
    for (const auto& selector : selectors_of(text)) CHECK_FALSE(selector.empty());
  }
}

}  // namespace

}  // namespace shunt::prometheus
