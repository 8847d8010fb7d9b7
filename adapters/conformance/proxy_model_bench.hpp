// The proxy in memory, for its suite.
#pragma once

#include "adapters/conformance/proxy_suite.hpp"

namespace shunt::conformance {

std::unique_ptr<ProxyBench> make_proxy_model_bench(ProxySetup setup);

}  // namespace shunt::conformance
