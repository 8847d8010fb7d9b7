// One limit gate over time: what its samples mean.
#pragma once

#include <string>
#include <vector>

#include "shunt/call.hpp"
#include "spec/deployment.hpp"

namespace shunt::steps {

/// Collects samples of one gate and says what they come to. Empty, NaN, stale and failed queries are no evidence: never
/// zero, never a pass.
class GateWatch {
 public:
  explicit GateWatch(const Gate& gate) : gate_(gate) {}

  /// Takes a sample (as metrics.query gives it) or a failed query.
  void take(const Outcome& sample, std::int64_t time);

  /// "fail" after `failures` breaches in a row, "error" after `consecutive_errors` failed queries in a row, else "" (go
  /// on).
  std::string verdict_now() const;

  /// At the end: "fail", "error", "pass" when the last number is within the limit, else "inconclusive".
  std::string verdict_at_end() const;

  /// { name, verdict, value, limit, state, samples: the last ten }.
  Value report(const std::string& verdict) const;

  /// "0.2 is above 0.001".
  std::string breach() const;

  const Gate& gate() const { return gate_; }

 private:
  bool breaches(double value) const;

  Gate gate_;
  std::vector<Value> samples_;
  Value last_value_;
  std::string last_state_;
  std::string last_error_;
  int breaches_in_a_row_ = 0;
  int errors_in_a_row_ = 0;
};

}  // namespace shunt::steps
