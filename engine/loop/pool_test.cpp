#include "loop/pool.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

#include "loop/all.hpp"
#include "loop/deadline.hpp"
#include "loop/run.hpp"
#include "loop/sleep.hpp"

using namespace shunt;
using namespace std::chrono_literals;

namespace {

/// A door that functions on the pool wait behind.
struct Door {
  std::promise<void> promise;
  std::shared_future<void> future = promise.get_future().share();
  std::atomic<int> inside = 0;

  void pass() {
    ++inside;
    future.wait();
  }
};

}  // namespace

TEST_CASE("work runs elsewhere and its result comes back to the loop") {
  asio::io_context io;
  loop::Pool pool;
  const auto here = std::this_thread::get_id();
  auto both = [](loop::Pool* threads, std::thread::id loop_thread) -> Task<bool> {
    auto work = [] { return std::this_thread::get_id(); };
    auto there = co_await threads->run(work);
    co_return there != loop_thread&& std::this_thread::get_id() == loop_thread;
  };
  CHECK(loop::run(io, both(&pool, here)));
}

TEST_CASE("work may return nothing, or what cannot be copied, or throw") {
  asio::io_context io;
  loop::Pool pool;
  std::atomic<int> ran = 0;
  loop::run(io, pool.run([&ran] { ++ran; }));
  CHECK(ran == 1);
  CHECK(*loop::run(io, pool.run([] { return std::make_unique<int>(5); })) == 5);
  CHECK_THROWS_WITH(loop::run(io, pool.run([]() -> int { throw std::runtime_error("from the pool"); })),
                    "from the pool");
}

TEST_CASE("two run at a time, and the loop goes on meanwhile") {
  asio::io_context io;
  loop::Pool pool;
  Door door;
  int finished = 0;
  auto work = [&door] { door.pass(); };
  for (int i = 0; i < 4; ++i)
    asio::co_spawn(io, pool.run(work), [&finished](const std::exception_ptr&) { ++finished; });
  auto watch = [](Door* closed) -> Task<int> {
    for (int i = 0; i < 2'000 && closed->inside < 2; ++i) co_await loop::sleep(1ms);
    co_await loop::sleep(20ms);
    const int inside = closed->inside;
    closed->promise.set_value();
    co_return inside;
  };
  CHECK(loop::run(io, watch(&door)) == 2);
  CHECK(finished == 4);
}

TEST_CASE("a cancelled task takes back what has not begun and waits for what has") {
  asio::io_context io;
  loop::Pool pool;
  Door door;
  std::atomic<bool> ran = false;
  auto busy = [&door] {
    door.pass();
    return 3;
  };
  auto waiting = [&ran] {
    ran = true;
    return 4;
  };
  std::optional<int> result = -1;
  for (int i = 0; i < 2; ++i)
    asio::co_spawn(io, loop::with_deadline(pool.run(busy), 10ms),
                   [&result](const std::exception_ptr&, std::optional<int> value) { result = value; });
  auto rest = [](loop::Pool* threads, decltype(waiting) work, Door* closed) -> Task<bool> {
    while (closed->inside < 2) co_await loop::sleep(1ms);
    auto value = co_await loop::with_deadline(threads->run(work), 5ms);
    co_await loop::sleep(20ms);
    closed->promise.set_value();
    co_return !value;
  };
  CHECK(loop::run(io, rest(&pool, waiting, &door)));
  CHECK(result == 3);
  CHECK_FALSE(ran);
}

TEST_CASE("a pool that ends joins what runs and cancels what has not begun") {
  asio::io_context io;
  Door door;
  int done = 0;
  int cancelled = 0;
  {
    loop::Pool pool;
    auto work = [&door] { door.pass(); };
    for (int i = 0; i < 5; ++i)
      asio::co_spawn(io, pool.run(work),
                     [&](const std::exception_ptr& error) { ++(loop::is_cancellation(error) ? cancelled : done); });
    io.poll();
    while (door.inside < 2) std::this_thread::yield();
    door.promise.set_value();
  }
  io.restart();
  io.run();
  CHECK(done + cancelled == 5);
  CHECK(done >= 2);
}

TEST_CASE("what a task gave to the pool is destroyed on the loop, also when the loop goes first") {
  struct Tracked {
    explicit Tracked(std::thread::id* where) : where(where) {}
    ~Tracked() { *where = std::this_thread::get_id(); }
    Tracked(const Tracked&) = delete;
    std::thread::id* where;
  };
  std::thread::id where;
  asio::io_context io;
  loop::Pool pool;
  for (int i = 0; i < 200; ++i) {
    auto tracked = std::make_shared<Tracked>(&where);
    auto work = [tracked] { return 1; };
    tracked.reset();
    CHECK(loop::run(io, pool.run(std::move(work))) == 1);
    CHECK(where == std::this_thread::get_id());
  }
}

TEST_CASE("thousands of small functions") {
  asio::io_context io;
  loop::Pool pool;
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 5'000; ++i) tasks.push_back(pool.run([i] { return i; }));
  const auto results = loop::run(io, loop::all(std::move(tasks)));
  CHECK(results.size() == 5'000);
  CHECK(results.back() == 4'999);
}
