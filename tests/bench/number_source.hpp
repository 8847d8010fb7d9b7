// A load source for gates: a number that flips at a known instant, behind the API of Prometheus. (That gates read a
// real Prometheus is the business of tests; here its scrape interval would hide what is measured.)
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "bench/numbers.hpp"

namespace shunt::bench {

class NumberSource {
 public:
  NumberSource();  ///< listens on a port of 127.0.0.1
  ~NumberSource();
  NumberSource(const NumberSource&) = delete;
  NumberSource& operator=(const NumberSource&) = delete;

  std::string url() const;

  /// From now on the number is 0, and no reading has been given.
  void calm();

  /// From `at` on a query gives 1.
  void flip(Clock::time_point at);

  /// Waits for the first reading since calm(). Whether there was one within the limit.
  bool asked(std::chrono::milliseconds limit);

  /// When the last answer that a breaching reading takes (the number, then how old its samples are) had been sent;
  /// nothing when there was none within the limit.
  std::optional<Clock::time_point> told(std::chrono::milliseconds limit);

 private:
  void serve();
  void answer(int connection);
  std::string value_for(const std::string& request);
  void sent(bool is_age);

  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  Clock::time_point flip_at_ = Clock::time_point::max();
  bool breaching_ = false;
  int readings_ = 0;
  std::optional<Clock::time_point> told_;
  std::jthread thread_;
};

}  // namespace shunt::bench
