#include "model/clock.hpp"

#include <doctest/doctest.h>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <string>
#include <vector>

using namespace shunt;
using namespace std::chrono_literals;
using model::Clock;

namespace {

struct Bench {
  asio::io_context loop;
  Clock clock;
  std::vector<std::string> woken;

  Task<void> sleeper(std::string name, Milliseconds duration) {
    const bool woke = co_await clock.sleep(duration);
    woken.push_back(name + " " + (woke ? std::to_string(clock.now() - Clock::first_moment) : "cancelled"));
  }

  void start(const std::string& name, Milliseconds duration, asio::cancellation_slot slot = {}) {
    asio::co_spawn(loop, sleeper(name, duration),
                   asio::bind_cancellation_slot(slot, [this, name](const std::exception_ptr& failure) {
                     if (failure) woken.push_back(name + " forgotten");
                   }));
    settle();
  }

  void settle() {
    loop.restart();
    loop.poll();
  }

  bool advance() {
    const bool moved = clock.advance();
    settle();
    return moved;
  }
};

using Woken = std::vector<std::string>;

}  // namespace

TEST_CASE("sleepers wake in order of time, then of falling asleep, and time jumps to each") {
  Bench bench;
  bench.start("long", 60s);
  bench.start("one", 1s);
  bench.start("another", 1s);
  bench.start("none", 0s);
  CHECK(bench.woken.empty());
  while (bench.advance()) {
  }
  CHECK(bench.woken == Woken{"none 0", "one 1000", "another 1000", "long 60000"});
}

TEST_CASE("time that went by unseen, sleepers that are cancelled, sleepers that are forgotten") {
  Bench bench;
  asio::cancellation_signal signal;
  bench.start("late", 1s);
  bench.start("cancelled", 2s, signal.slot());
  signal.emit(asio::cancellation_type::terminal);
  bench.settle();
  bench.clock.pass(5s);
  CHECK(bench.advance());
  CHECK(bench.woken == Woken{"cancelled cancelled", "late 5000"});
  CHECK_FALSE(bench.advance());
  bench.start("forgotten", 1s);
  bench.clock.forget_sleepers();
  bench.settle();
  CHECK_FALSE(bench.advance());
  CHECK(bench.woken.back() == "forgotten forgotten");
}
