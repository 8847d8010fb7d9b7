// Answers gates from a Prometheus, or whatever speaks its HTTP API.
#pragma once

#include <optional>
#include <string>

#include "shunt/context.hpp"
#include "shunt/registry.hpp"

namespace shunt::adapters {

Adapter<Metrics> prometheus_metrics();

/// A query is one HTTP exchange, and one or two more to learn how old the samples are that its number comes from. All
/// of it has `timeout`. A reading is stale when the newest sample of every series that the expression reads is older
/// than `stale`, by Prometheus' own clock. Where that cannot be learnt, the reading carries a warning.
class PrometheusMetrics : public Metrics {
 public:
  /// `config` passed the schema of `prometheus_metrics()`.
  PrometheusMetrics(Context& context, const Value& config);

  Task<Result<Reading>> query(std::string expression) override;

 private:
  Task<Result<Reading>> read(std::string expression);
  Task<Result<Reading>> ask(std::string expression);
  Task<Result<Reading>> ask_if(std::optional<std::string> expression);
  Task<Reading> judge_age(Reading reading, std::string expression);
  Result<Reading> understand(const http::Response& response) const;
  Error refused(const http::Response& response) const;
  Error failed(const Error& reason) const;

  Context& context_;
  std::string url_;    ///< without a slash at its end
  std::string place_;  ///< the same without user and password, for messages
  Value headers_;
  Milliseconds timeout_;
  Milliseconds stale_;
};

}  // namespace shunt::adapters
