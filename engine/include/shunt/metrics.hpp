// What a metrics adapter does: answer one expression with one number, or say why not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/task.hpp"

namespace shunt {

struct Sample {
  double value = 0;
  std::int64_t time = 0;  ///< unix ms

  Sample() = default;
  Sample(double value, std::int64_t time) : value(value), time(time) {}
};

struct Reading {
  std::string state;  ///< "ok", "empty", "nan" or "stale": four different answers, only the first has a number
  double value = 0;
  std::int64_t time = 0;  ///< unix ms of the newest sample
  std::vector<Sample> samples;
  std::vector<std::string> warnings;

  Reading() = default;
};

/// Loop thread only. Failures: SH1601 cannot be reached (retryable), SH1602 timed out (retryable), SH1603 the provider
/// refused the expression (kind config), SH1604 more than one series where one number was wanted (kind config), SH1605
/// an answer that cannot be understood, SH1606 asked to slow down (retryable; `evidence.retry_after_ms`).
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Task<Result<Reading>> query(std::string expression) = 0;
};

}  // namespace shunt
