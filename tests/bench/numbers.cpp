#include "bench/numbers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

namespace shunt::bench {

void need(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

double worst(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

std::string shown(const std::vector<double>& values) {
  return fmt::format("median {:.2f}, worst {:.2f}", median(values), worst(values));
}

void at_most(const std::string& name, double value, double limit) {
  fmt::print("ratio {} {:.2f} {:g}\n", name, std::max(value, 0.0), limit);
}

void note(const std::string& name, double value) {
  fmt::print("note {} {:.2f}\n", name, value);
}

}  // namespace shunt::bench
