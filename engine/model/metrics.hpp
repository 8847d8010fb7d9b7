// Metrics in memory, for simulation and tests.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "shunt/duration.hpp"
#include "shunt/metrics.hpp"

namespace shunt::model {

/// Answers every expression with what a function says of it: one of the readings below, or an error (SH1603 refused,
/// SH1604 several series, SH1605 no number). Deterministic if the function is. Loop thread only; no query waits, but
/// where `hang` is said to.
class ModelMetrics : public Metrics {
 public:
  using Answer = std::function<Result<Reading>(const std::string& expression)>;

  explicit ModelMetrics(Answer answer) : answer_(std::move(answer)) {}

  Task<Result<Reading>> query(std::string expression) override;

  // What a test can make happen. All of it holds until it is changed.

  void answer_with(Answer answer) { answer_ = std::move(answer); }

  enum class Trouble {
    none,
    down,      ///< SH1601
    hang,      ///< SH1602
    garbage,   ///< SH1605
    too_busy,  ///< SH1606, to be asked again after 3 s
  };
  void make(Trouble trouble) { trouble_ = trouble; }

  /// What passes the time of an answer that does not come. Without it, `hang` fails at once.
  void wait_with(std::function<Task<void>(Milliseconds)> wait, Milliseconds timeout);

  /// Every answer carries them.
  void warn(std::vector<std::string> warnings) { warnings_ = std::move(warnings); }

 private:
  Error failure() const;

  Answer answer_;
  std::function<Task<void>(Milliseconds)> wait_;
  Milliseconds timeout_{0};
  Trouble trouble_ = Trouble::none;
  std::vector<std::string> warnings_;
};

// The answers, as a provider gives them at `time` (unix ms).

/// One sample; "nan" when `value` is NaN or infinite.
Reading number(double value, std::int64_t time);
Reading empty();
/// Its newest sample is from `time`.
Reading stale(std::int64_t time);

}  // namespace shunt::model
