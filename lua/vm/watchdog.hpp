// The last resort: a thread that notices when Lua does not come back.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "shunt/duration.hpp"

namespace shunt::lua {

/// Calls a function from its own thread unless it is disarmed in time. The thread starts with the first `arm`, and
/// sleeps while nothing is armed. `arm` and `disarm` belong to one thread, and come in pairs.
class Watchdog {
 public:
  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// `fire` must live until `disarm`. It is called at most once, `after` from now.
  void arm(Milliseconds after, const std::function<void()>& fire);

  /// When `fire` is being called at this moment, waits until it has returned (in production it never does).
  void disarm();

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void look();

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  const std::function<void()>* fire_ = nullptr;
  std::atomic<std::int64_t> due_{0};    ///< nanoseconds of the steady clock; 0: not armed; -1: it fires
  std::atomic<std::int64_t> wakes_{0};  ///< until when the thread sleeps; 0: it is awake
};

}  // namespace shunt::lua
