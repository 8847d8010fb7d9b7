// The runtime in memory, for its suite.
#pragma once

#include "adapters/conformance/runtime_suite.hpp"

namespace shunt::conformance {

std::unique_ptr<RuntimeBench> make_model_bench();

}  // namespace shunt::conformance
