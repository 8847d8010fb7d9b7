#include "adapters/conformance/metrics_model_bench.hpp"

#include <limits>

#include "loop/sleep.hpp"
#include "model/metrics.hpp"

namespace shunt::conformance {

namespace {

using Trouble = model::ModelMetrics::Trouble;

constexpr Milliseconds timeout_of_model{400};
constexpr Milliseconds real_pause{50};  ///< long enough to be cancelled in
constexpr std::int64_t some_minutes = 200'000;

class ModelBench : public MetricsBench {
 public:
  ModelBench() : metrics_([this](const std::string& expression) { return answer(expression); }) {
    metrics_.wait_with([this](Milliseconds duration) { return pass(duration); }, timeout_of_model);
  }

  Metrics& metrics() override { return metrics_; }
  Milliseconds timeout() const override { return timeout_of_model; }
  std::string secret() const override { return ""; }
  std::int64_t now() const override { return now_; }
  std::string expression(Question question) override { return std::to_string(static_cast<int>(question)); }

  void make(MetricsTrouble trouble) override {
    metrics_.warn({});
    switch (trouble) {
      case MetricsTrouble::none:
        return metrics_.make(Trouble::none);
      case MetricsTrouble::down:
        return metrics_.make(Trouble::down);
      case MetricsTrouble::hang:
        return metrics_.make(Trouble::hang);
      case MetricsTrouble::garbage:
        return metrics_.make(Trouble::garbage);
      case MetricsTrouble::too_busy:
        return metrics_.make(Trouble::too_busy);
      case MetricsTrouble::warning:
        return metrics_.warn({"half of it is missing"});
    }
  }

 private:
  Result<Reading> answer(const std::string& expression) const {
    switch (Question(std::stoi(expression))) {
      case Question::one_series:
        return model::number(7, now_);
      case Question::scalar:
        return model::number(2, now_);
      case Question::nothing:
        return model::empty();
      case Question::not_a_number:
        return model::number(std::numeric_limits<double>::quiet_NaN(), now_);
      case Question::infinite:
        return model::number(std::numeric_limits<double>::infinity(), now_);
      case Question::out_of_date:
        return model::stale(now_ - some_minutes);
      case Question::two_series:
        return Error("SH1604", Kind::config, "the query gives 2 series", "aggregate it");
      case Question::bad_expression:
        return Error("SH1603", Kind::config, "refused: parse error", "correct the query");
      case Question::text:
        return Error("SH1605", Kind::adapter, "the query gives a string", "correct the query");
    }
    return model::empty();
  }

  Task<void> pass(Milliseconds duration) {
    co_await loop::sleep(real_pause);
    now_ += duration.count();
  }

  std::int64_t now_ = 1'000'000'000;
  model::ModelMetrics metrics_;
};

}  // namespace

std::unique_ptr<MetricsBench> make_metrics_model_bench() {
  return std::make_unique<ModelBench>();
}

}  // namespace shunt::conformance
