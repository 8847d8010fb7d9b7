#include <fmt/format.h>

#include "steps/gate.hpp"
#include "steps/stage.hpp"

namespace shunt::steps {

bool GateWatch::breaches(double value) const {
  return (gate_.max && value > *gate_.max) || (gate_.min && value < *gate_.min);
}

void GateWatch::take(const Outcome& sample, std::int64_t time) {
  Value seen = {{"time", time}};
  if (!sample.ok()) {
    ++errors_in_a_row_;
    last_state_ = "error";
    last_error_ = sample.error->message;
    seen["state"] = "error";
    seen["error"] = last_error_;
  } else {
    errors_in_a_row_ = 0;
    last_state_ = sample.value.value("state", "empty");
    seen["state"] = last_state_;
    if (last_state_ == "ok") {
      last_value_ = sample.value["value"];
      seen["value"] = last_value_;
      breaches_in_a_row_ = breaches(last_value_.get<double>()) ? breaches_in_a_row_ + 1 : 0;
    }
  }
  samples_.push_back(std::move(seen));
  if (samples_.size() > 10) samples_.erase(samples_.begin());
}

std::string GateWatch::verdict_now() const {
  if (breaches_in_a_row_ >= gate_.failures) return "fail";
  if (errors_in_a_row_ >= gate_.consecutive_errors) return "error";
  return "";
}

std::string GateWatch::verdict_at_end() const {
  const auto now = verdict_now();
  if (!now.empty()) return now;
  if (last_state_ == "error" || last_state_ != "ok" || last_value_.is_null()) return "inconclusive";
  return breaches(last_value_.get<double>()) ? "inconclusive" : "pass";
}

Value GateWatch::report(const std::string& verdict) const {
  Value limit = Value::object();
  if (gate_.max) limit["max"] = *gate_.max;
  if (gate_.min) limit["min"] = *gate_.min;
  Value report = {{"name", gate_.name}, {"verdict", verdict},   {"value", last_value_},
                  {"limit", limit},     {"state", last_state_}, {"samples", samples_}};
  if (last_state_ == "error") report["error"] = last_error_;
  return report;
}

std::string GateWatch::breach() const {
  if (!last_value_.is_number()) return "";
  const double value = last_value_.get<double>();
  if (gate_.max && value > *gate_.max) return fmt::format("{:.6g} is above {:.6g}", value, *gate_.max);
  if (gate_.min && value < *gate_.min) return fmt::format("{:.6g} is below {:.6g}", value, *gate_.min);
  return fmt::format("{:.6g}", value);
}

}  // namespace shunt::steps
