// What every metrics adapter answers, whatever it asks.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "loop/run.hpp"
#include "shunt/duration.hpp"
#include "shunt/metrics.hpp"

namespace shunt::conformance {

/// What a query is about; a bench has an expression for each.
enum class Question {
  one_series,    ///< its number is 7
  scalar,        ///< 2, whatever is measured
  nothing,       ///< no series matches
  not_a_number,  ///< the series' value is NaN
  infinite,
  out_of_date,  ///< the only sample is older than the adapter's limit, by some minutes
  two_series,
  bad_expression,  ///< the provider refuses it, and says why
  text,            ///< a string
};

/// What is between the adapter and its provider.
enum class MetricsTrouble {
  none,
  down,
  hang,
  garbage,   ///< a page of another program
  too_busy,  ///< 429, to be asked again after 3 s
  warning,   ///< an answer with the warning "half of it is missing"
};

/// One adapter with a provider.
class MetricsBench {
 public:
  virtual ~MetricsBench() = default;

  virtual Metrics& metrics() = 0;
  virtual Milliseconds timeout() const = 0;
  virtual std::string expression(Question question) = 0;
  virtual std::string secret() const = 0;  ///< that the adapter was given and may never tell; "" when it takes none
  virtual void make(MetricsTrouble trouble) = 0;
  virtual std::int64_t now() const = 0;  ///< unix ms, by the bench's own time

  /// Runs a task to its end.
  template <typename T>
  T run(Task<T> task) {
    return loop::run(loop_, std::move(task));
  }

 protected:
  asio::io_context loop_;
};

using MakeMetricsBench = std::function<std::unique_ptr<MetricsBench>()>;

/// By the adapter's name; "model" is the one in memory.
const std::map<std::string, MakeMetricsBench>& metrics_benches();

/// Runs every case on one bench, with doctest's checks.
void check_metrics(const MakeMetricsBench& make_bench);

/// Asks what was asked of a real Prometheus, and checks that every answer is as it was recorded.
void check_metrics_trace(const MakeMetricsBench& make_bench);

}  // namespace shunt::conformance
