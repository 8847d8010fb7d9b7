#include "supervise/backoff.hpp"

#include <algorithm>
#include <utility>

namespace shunt::supervise {

namespace {

constexpr std::chrono::milliseconds first{100};
constexpr std::chrono::milliseconds last{10'000};
constexpr std::chrono::milliseconds long_life{10'000};

}  // namespace

std::chrono::milliseconds Backoff::after_life_of(std::chrono::milliseconds life) {
  if (life >= long_life) next_ = first;
  return std::exchange(next_, std::min(next_ * 2, last));
}

}  // namespace shunt::supervise
