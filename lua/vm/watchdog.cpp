#include "vm/watchdog.hpp"

#include <limits>

namespace shunt::lua {

namespace {

constexpr std::int64_t not_armed = 0;
constexpr std::int64_t firing = -1;
constexpr std::int64_t awake = 0;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

std::int64_t nanoseconds(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

Watchdog::~Watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

// A script runs for microseconds at a time, so arming must not cost a system call: the thread, once awake, sleeps until
// the time it was last told and looks again then.
void Watchdog::arm(Milliseconds after, const std::function<void()>& fire) {
  const auto due = nanoseconds(Clock::now() + after);
  fire_ = &fire;
  due_.store(due);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  if (due >= wakes_.load()) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
}

void Watchdog::disarm() {
  if (due_.exchange(not_armed) != firing) return;
  const std::lock_guard lock(mutex_);  // held by the thread while it fires
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    wakes_.store(never);
    const auto due = due_.load();
    if (due == not_armed || due == firing) {
      changed_.wait(lock);
    } else if (nanoseconds(Clock::now()) < due) {
      wakes_.store(due);
      changed_.wait_until(lock, Clock::time_point(std::chrono::nanoseconds(due)));
    } else {
      look();
    }
    wakes_.store(awake);
  }
}

void Watchdog::look() {
  auto due = due_.load();
  if (due == not_armed || due == firing || nanoseconds(Clock::now()) < due) return;
  if (due_.compare_exchange_strong(due, firing)) (*fire_)();
}

}  // namespace shunt::lua
