// What a bench makes of its measurements, and how it tells script/bench.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace shunt::bench {

using Clock = std::chrono::steady_clock;

/// Throws std::runtime_error: nothing can be measured without it.
void need(bool condition, const std::string& what);

double ms_between(Clock::time_point from, Clock::time_point to);

double median(std::vector<double> values);
double worst(const std::vector<double>& values);

/// "median 4.20, worst 6.10".
std::string shown(const std::vector<double>& values);

/// The line by which script/bench knows a promise: kept when `value` is at most `limit`.
void at_most(const std::string& name, double value, double limit);

/// A line for its table without a promise: a ratio against the baseline.
void note(const std::string& name, double value);

}  // namespace shunt::bench
