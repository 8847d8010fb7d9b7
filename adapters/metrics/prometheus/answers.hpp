// What Prometheus' HTTP API answers to an instant query, read strictly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/metrics.hpp"

namespace shunt::prometheus {

/// One series, or none.
struct Answer {
  std::vector<Sample> samples;  ///< oldest first; values may be NaN or infinite
  std::vector<std::string> warnings;
};

/// The JSON body of an answer (https://prometheus.io/docs/prometheus/latest/querying/api/). Scalars, vectors and
/// matrices of at most one series. Failures: SH1603 Prometheus refused the expression (its own words are in the
/// message), SH1602 it gave up in time of its own, SH1604 several series (`evidence.series` has the first few), SH1605
/// anything else, strings and native histograms among them.
Result<Answer> parse_answer(std::string_view body);

/// "ok", "empty" or "nan" (also for infinite values), from the newest sample. Never "stale".
Reading reading_of(Answer answer);

}  // namespace shunt::prometheus
