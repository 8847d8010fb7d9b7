// The metrics in memory, for their suite.
#pragma once

#include "adapters/conformance/metrics_suite.hpp"

namespace shunt::conformance {

std::unique_ptr<MetricsBench> make_metrics_model_bench();

}  // namespace shunt::conformance
