// A site whose deployments are watched by one gate, which reads a NumberSource.
#pragma once

#include <fmt/format.h>
#include <chrono>

#include "bench/number_source.hpp"
#include "e2e/site.hpp"

namespace shunt::bench {

constexpr std::chrono::milliseconds gate_interval{300};

inline e2e::SiteOptions watched_by(const NumberSource& source) {
  e2e::SiteOptions options;
  options.options = "soak = \"30s\"";
  options.more = fmt::format(
      "metrics = {{ type = \"prometheus\", url = \"{}\" }},\n"
      "  gates = {{ {{ name = \"error rate\", query = [[errors{{color=\"{{color}}\"}}]], max = 0.5, failures = 1, "
      "interval = \"{}ms\" }} }},",
      source.url(), gate_interval.count());
  return options;
}

}  // namespace shunt::bench
