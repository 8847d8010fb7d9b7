#include "steps/gate.hpp"

#include <doctest/doctest.h>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;
using steps::GateWatch;

namespace {

Outcome failed_query() {
  return Outcome(Error("SH1601", Kind::adapter, "the provider is down"));
}

GateWatch watching(const Gate& gate, const std::vector<Outcome>& samples) {
  GateWatch watch(gate);
  std::int64_t time = 0;
  for (const auto& sample : samples) watch.take(sample, time += 1'000);
  return watch;
}

}  // namespace

TEST_CASE("a gate fails after so many breaches in a row, not before") {
  auto rate = gate("error rate");
  CHECK(watching(rate, {measured(0.2)}).verdict_now() == "fail");
  rate.failures = 2;
  CHECK(watching(rate, {measured(0.2)}).verdict_now().empty());
  CHECK(watching(rate, {measured(0.2), measured(0.0), measured(0.2)}).verdict_now().empty());
  CHECK(watching(rate, {measured(0.2), measured(0.2)}).verdict_now() == "fail");
}

TEST_CASE("a limit is not a breach; above max and below min are") {
  auto both = gate("temperature");
  both.min = -1;
  both.max = 1;
  CHECK(watching(both, {measured(1.0)}).verdict_at_end() == "pass");
  CHECK(watching(both, {measured(-1.0)}).verdict_at_end() == "pass");
  CHECK(watching(both, {measured(1.5)}).verdict_now() == "fail");
  CHECK(watching(both, {measured(1.5)}).breach() == "1.5 is above 1");
  CHECK(watching(both, {measured(-1.5)}).verdict_now() == "fail");
  CHECK(watching(both, {measured(-1.5)}).breach() == "-1.5 is below -1");
}

TEST_CASE("empty, nan and stale are no evidence: no breach, no pass") {
  for (const auto* state : {"empty", "nan", "stale"}) {
    INFO(state);
    const auto rate = gate("error rate");
    CHECK(watching(rate, {measured(state)}).verdict_now().empty());
    CHECK(watching(rate, {measured(state)}).verdict_at_end() == "inconclusive");
    CHECK(watching(rate, {measured(0.0), measured(state)}).verdict_at_end() == "inconclusive");
    CHECK(watching(rate, {measured(state), measured(0.0)}).verdict_at_end() == "pass");
    CHECK(watching(rate, {measured(state)}).report("inconclusive")["state"] == state);
  }
  CHECK(watching(gate("error rate"), {}).verdict_at_end() == "inconclusive");
}

TEST_CASE("silence does not forgive the breach before it") {
  auto rate = gate("error rate");
  rate.failures = 2;
  CHECK(watching(rate, {measured(0.2), measured("empty"), measured(0.2)}).verdict_now() == "fail");
}

TEST_CASE("failed queries count in a row, and are an error only after so many") {
  auto rate = gate("error rate");
  rate.consecutive_errors = 3;
  CHECK(watching(rate, {failed_query(), failed_query()}).verdict_now().empty());
  CHECK(watching(rate, {failed_query(), failed_query()}).verdict_at_end() == "inconclusive");
  CHECK(watching(rate, {failed_query(), failed_query(), measured("empty"), failed_query()}).verdict_now().empty());
  CHECK(watching(rate, {failed_query(), failed_query(), failed_query()}).verdict_now() == "error");
  CHECK(watching(rate, {failed_query()}).report("error")["error"] == "the provider is down");
}

TEST_CASE("a last number over the limit that did not fail is no pass") {
  auto rate = gate("error rate");
  rate.failures = 2;
  CHECK(watching(rate, {measured(0.0), measured(0.2)}).verdict_at_end() == "inconclusive");
}

TEST_CASE("a report holds the last ten samples, the newest at the end, and the limit") {
  GateWatch watch(gate("error rate"));
  for (int i = 1; i <= 12; ++i) watch.take(measured(i / 100'000.0), i);
  const auto report = watch.report("pass");
  REQUIRE(report["samples"].size() == 10);
  CHECK(report["samples"][0]["time"] == 3);
  CHECK(report["samples"][9]["time"] == 12);
  CHECK(report["value"] == 0.00012);
  CHECK(report["limit"] == Value{{"max", 0.001}});
}
