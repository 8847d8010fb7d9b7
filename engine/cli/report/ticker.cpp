#include "cli/report/ticker.hpp"

#include <chrono>
#include <csignal>

namespace shunt::cli {

Ticker::Ticker(std::function<void()> tick) : tick_(std::move(tick)) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Ticker::~Ticker() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_one();
  thread_.join();
}

void Ticker::run() {
  constexpr auto pause = std::chrono::milliseconds(125);
  std::unique_lock<std::mutex> guard(mutex_);
  while (!ended_changed_.wait_for(guard, pause, [this] { return ended_; })) {
    guard.unlock();
    tick_();
    guard.lock();
  }
}

}  // namespace shunt::cli
