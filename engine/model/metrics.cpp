#include "model/metrics.hpp"

#include <fmt/format.h>
#include <cmath>

namespace shunt::model {

namespace {

constexpr int pause_when_busy_ms = 3'000;

Error retryable(Error error) {
  error.retryable = true;
  return error;
}

}  // namespace

void ModelMetrics::wait_with(std::function<Task<void>(Milliseconds)> wait, Milliseconds timeout) {
  wait_ = std::move(wait);
  timeout_ = timeout;
}

Error ModelMetrics::failure() const {
  switch (trouble_) {
    case Trouble::down:
      return retryable(Error("SH1601", Kind::adapter, "cannot reach the metrics provider", "check that it runs"));
    case Trouble::hang:
      return retryable(Error("SH1602", Kind::timeout,
                             fmt::format("the metrics provider did not answer within {}", to_text(timeout_)),
                             "look whether it is overloaded"));
    case Trouble::too_busy:
      return retryable(Error("SH1606", Kind::adapter, "the metrics provider asks to slow down", "query less often")
                           .with({{"retry_after_ms", pause_when_busy_ms}}));
    default:
      return Error("SH1605", Kind::adapter, "the answer of the metrics provider cannot be understood",
                   "look at what answers there")
          .with({{"text", "garbage"}});
  }
}

Task<Result<Reading>> ModelMetrics::query(std::string expression) {
  if (trouble_ == Trouble::hang && wait_) co_await wait_(timeout_);
  if (trouble_ != Trouble::none) co_return failure();
  auto reading = answer_(expression);
  if (reading) reading->warnings.insert(reading->warnings.end(), warnings_.begin(), warnings_.end());
  co_return reading;
}

Reading number(double value, std::int64_t time) {
  Reading reading;
  reading.state = std::isfinite(value) ? "ok" : "nan";
  if (reading.state == "ok") reading.value = value;
  reading.time = time;
  reading.samples.emplace_back(value, time);
  return reading;
}

Reading empty() {
  Reading reading;
  reading.state = "empty";
  return reading;
}

Reading stale(std::int64_t time) {
  Reading reading;
  reading.state = "stale";
  reading.time = time;
  return reading;
}

}  // namespace shunt::model
