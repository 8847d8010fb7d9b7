#include "loop/suspend.hpp"

#include <doctest/doctest.h>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <stdexcept>
#include <string>

#include "loop/deadline.hpp"
#include "loop/run.hpp"

using namespace shunt;
using namespace std::chrono_literals;
using loop::Abort;
using loop::Completion;
using loop::Start;

TEST_CASE("a suspended task goes on with the value it is given, now or later, and only the first counts") {
  asio::io_context io;
  Start<std::string> at_once = [](const Completion<std::string>& completion) -> Abort<std::string> {
    completion.succeed("first");
    completion.succeed("second");
    completion.fail(std::make_exception_ptr(std::runtime_error("third")));
    return nullptr;
  };
  CHECK(loop::run(io, loop::suspend<std::string>(at_once)) == "first");

  asio::steady_timer timer(io, 1ms);
  Start<std::string> later = [&timer](const Completion<std::string>& completion) -> Abort<std::string> {
    timer.async_wait([completion](const asio::error_code&) { completion.succeed("later"); });
    return nullptr;
  };
  CHECK(loop::run(io, loop::suspend<std::string>(later)) == "later");
}

TEST_CASE("an error reaches the suspended task, also one thrown while the operation begins") {
  asio::io_context io;
  Start<void> failing = [](const Completion<void>& completion) -> Abort<void> {
    completion.fail(std::make_exception_ptr(std::runtime_error("failed")));
    return nullptr;
  };
  Start<void> throwing = [](const Completion<void>&) -> Abort<void> { throw std::runtime_error("thrown"); };
  CHECK_THROWS_WITH(loop::run(io, loop::suspend<void>(failing)), "failed");
  CHECK_THROWS_WITH(loop::run(io, loop::suspend<void>(throwing)), "thrown");
}

TEST_CASE("a cancelled task waits until its operation has ended, and is told once") {
  asio::io_context io;
  int aborted = 0;
  asio::steady_timer ending(io);
  Start<void> stubborn = [&](const Completion<void>& completion) -> Abort<void> {
    return [&, completion](const Completion<void>&) {
      ++aborted;
      ending.expires_after(20ms);
      ending.async_wait([completion](const asio::error_code&) { completion.fail(loop::cancellation()); });
    };
  };
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(loop::run(io, loop::with_deadline(loop::suspend<void>(stubborn), 5ms)));
  CHECK(std::chrono::steady_clock::now() - begin >= 25ms);
  CHECK(aborted == 1);
}

TEST_CASE("an operation is not begun for a task that was cancelled before") {
  asio::io_context io;
  bool begun = false;
  Start<void> start = [&begun](const Completion<void>& completion) -> Abort<void> {
    begun = true;
    completion.succeed();
    return nullptr;
  };
  auto late = [](Start<void> first, Start<void> second) -> Task<void> {
    co_await loop::suspend<void>(std::move(first));
    co_await loop::suspend<void>(std::move(second));
  };
  Start<void> cancelled = [](const Completion<void>& completion) -> Abort<void> {
    return [completion](const Completion<void>&) { completion.succeed(); };
  };
  CHECK_FALSE(loop::run(io, loop::with_deadline(late(cancelled, start), 1ms)));
  CHECK_FALSE(begun);
}

namespace {

Task<void> hold(std::shared_ptr<int> held, Start<void> start) {
  co_await loop::suspend<void>(std::move(start));
  ++*held;
}

}  // namespace

TEST_CASE("a task that nobody can complete any more goes on as cancelled") {
  asio::io_context io;
  const auto resumed = std::make_shared<int>(0);
  Start<void> forgetful = [](const Completion<void>&) -> Abort<void> { return nullptr; };
  CHECK_THROWS_AS(loop::run(io, hold(resumed, forgetful)), asio::system_error);
  CHECK(*resumed == 0);
}

TEST_CASE("what waits when the loop is torn down is destroyed, not leaked and not resumed") {
  const auto resumed = std::make_shared<int>(0);
  std::optional<Completion<void>> kept;
  Start<void> start = [&kept](const Completion<void>& completion) -> Abort<void> {
    kept.emplace(completion);
    return [](const Completion<void>& given) { given.fail(loop::cancellation()); };
  };
  for (const bool completion_first : {true, false}) {
    auto io = std::make_unique<asio::io_context>();
    asio::co_spawn(*io, hold(resumed, start), [](const std::exception_ptr&) {});
    io->poll();
    CHECK(resumed.use_count() == 2);
    if (completion_first) {
      kept.reset();
    } else {
      kept->succeed();
      kept.reset();
    }
    io.reset();
    CHECK(resumed.use_count() == 1);
  }
  CHECK(*resumed == 0);
}

TEST_CASE("a cancellation is told from other errors") {
  CHECK(loop::is_cancellation(loop::cancellation()));
  CHECK_FALSE(loop::is_cancellation(nullptr));
  CHECK_FALSE(loop::is_cancellation(std::make_exception_ptr(std::runtime_error("other"))));
  CHECK_FALSE(loop::is_cancellation(std::make_exception_ptr(asio::system_error(asio::error::timed_out))));
}
