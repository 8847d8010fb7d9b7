// Which series an expression reads, so that Prometheus can be asked how old they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/duration.hpp"

namespace shunt::prometheus {

/// The vector selectors of a PromQL expression (`name{label="x"}`, without range, offset and @), each once, in their
/// order. No parser: it knows what is not a selector (functions, keywords, label lists, strings, comments, durations).
/// An expression that Prometheus would refuse gives anything, but never fails.
std::vector<std::string> selectors_of(std::string_view expression);

/// An expression whose value is the time, in seconds, of the newest sample that any of the selectors gives now. Nothing
/// when there are no selectors, or more than 20. Prometheus looks back for 5 minutes, and not beyond the moment at
/// which a series was marked as gone.
std::optional<std::string> newest_sample(const std::vector<std::string>& selectors);

/// The same for the last `window`, also of series that are gone since.
std::optional<std::string> newest_sample_within(const std::vector<std::string>& selectors, Milliseconds window);

}  // namespace shunt::prometheus
