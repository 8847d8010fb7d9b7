#include <doctest/doctest.h>

#include "adapters/conformance/metrics_model_bench.hpp"
#include "adapters/conformance/metrics_prometheus_bench.hpp"
#include "adapters/registered.hpp"

namespace shunt::conformance {

const std::map<std::string, MakeMetricsBench>& metrics_benches() {
  static const std::map<std::string, MakeMetricsBench> benches = {{"model", make_metrics_model_bench},
                                                                  {"prometheus", make_prometheus_bench}};
  return benches;
}

namespace {

TEST_CASE("every registered metrics adapter is in the suite, and says what it is and what its operations promise") {
  Registry registry;
  register_adapters(registry);
  int registered = 0;
  for (const auto& info : registry.all()) {
    if (info.kind != "metrics") continue;
    ++registered;
    INFO("adapter: " << info.name);
    CHECK(metrics_benches().contains(info.name));
    CHECK((info.status == "stable" || info.status == "beta"));
    CHECK_FALSE(info.summary.empty());
    CHECK(info.operations.contains("query"));
    for (const auto& key : info.schema.keys) CHECK_FALSE(key.doc.empty());
  }
  CHECK(registered >= 1);
}

TEST_CASE("every metrics adapter in the suite conforms") {
  for (const auto& [name, make_bench] : metrics_benches()) {
    INFO("metrics: " << name);
    check_metrics(make_bench);
  }
}

TEST_CASE("the model answers as Prometheus did, and that still answers so") {
  for (const auto& [name, make_bench] : metrics_benches()) {
    INFO("metrics: " << name);
    check_metrics_trace(make_bench);
  }
}

}  // namespace

}  // namespace shunt::conformance
