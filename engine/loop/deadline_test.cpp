#include "loop/deadline.hpp"

#include <doctest/doctest.h>
#include <chrono>
#include <stdexcept>
#include <string>

#include "loop/run.hpp"
#include "loop/sleep.hpp"

using namespace shunt;
using namespace std::chrono_literals;
using loop::Abort;
using loop::Completion;
using loop::Start;

namespace {

Task<std::string> answer_after(Milliseconds delay) {
  co_await loop::sleep(delay);
  co_return std::string("answer");
}

/// Counts the scopes that are open, to see that a cancelled task was unwound before its parent went on.
struct Guard {
  explicit Guard(int& open) : open(open) { ++open; }
  ~Guard() { --open; }
  Guard(const Guard&) = delete;
  int& open;
};

Task<std::string> guarded(int* open, Milliseconds delay) {
  const Guard guard(*open);
  auto text = co_await answer_after(delay);
  co_return text;
}

}  // namespace

TEST_CASE("a task within its deadline gives its result") {
  asio::io_context io;
  const auto begin = std::chrono::steady_clock::now();
  CHECK(loop::run(io, loop::with_deadline(answer_after(1ms), 1h)) == "answer");
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a task over its deadline is cancelled and joined") {
  asio::io_context io;
  int open = 0;
  auto both = [](int* scopes) -> Task<int> {
    auto result = co_await loop::with_deadline(guarded(scopes, 1h), 5ms);
    co_return result ? -1 : *scopes;
  };
  CHECK(loop::run(io, both(&open)) == 0);
}

TEST_CASE("a result that arrives in the moment of the cancellation is not lost") {
  asio::io_context io;
  Start<std::string> last_second = [](const Completion<std::string>& completion) -> Abort<std::string> {
    return [completion](const Completion<std::string>&) { completion.succeed("just in time"); };
  };
  CHECK(loop::run(io, loop::with_deadline(loop::suspend<std::string>(last_second), 1ms)) == "just in time");
}

TEST_CASE("what a task throws passes through, before and after the deadline") {
  asio::io_context io;
  auto failing = []() -> Task<int> {
    co_await loop::sleep(0ms);
    throw std::runtime_error("broken");
  };
  CHECK_THROWS_WITH(loop::run(io, loop::with_deadline(failing(), 1h)), "broken");

  Start<int> failing_late = [](const Completion<int>& completion) -> Abort<int> {
    return [completion](const Completion<int>&) {
      completion.fail(std::make_exception_ptr(std::runtime_error("broken on the way out")));
    };
  };
  CHECK_THROWS_WITH(loop::run(io, loop::with_deadline(loop::suspend<int>(failing_late), 1ms)), "broken on the way out");
}

TEST_CASE("a task's own operation_aborted is not taken for the deadline") {
  asio::io_context io;
  auto aborted = []() -> Task<int> {
    co_await loop::sleep(0ms);
    std::rethrow_exception(loop::cancellation());
  };
  CHECK_THROWS_AS(loop::run(io, loop::with_deadline(aborted(), 1h)), asio::system_error);
}

TEST_CASE("cancelling the one who waits cancels and joins the task below") {
  asio::io_context io;
  int open = 0;
  auto inner = [](int* scopes) -> Task<std::string> {
    auto text = co_await loop::with_deadline(guarded(scopes, 1h), 1h);
    co_return text.value_or("inner deadline");
  };
  auto outer = [](Task<std::string> task, int* scopes) -> Task<bool> {
    auto text = co_await loop::with_deadline(std::move(task), 5ms);
    co_return !text && *scopes == 0;
  };
  CHECK(loop::run(io, outer(inner(&open), &open)));
}

TEST_CASE("a task that goes on after its deadline is waited for, and may not begin anything new") {
  asio::io_context io;
  auto stubborn = []() -> Task<int> {
    bool interrupted = false;
    try {
      co_await loop::sleep(1h);
    } catch (const asio::system_error&) {
      interrupted = true;
    }
    co_return interrupted ? 7 : 0;
  };
  auto restless = []() -> Task<int> {
    try {
      co_await loop::sleep(1h);
    } catch (const asio::system_error&) {
    }
    co_await loop::sleep(1h);
    co_return 7;
  };
  CHECK(loop::run(io, loop::with_deadline(stubborn(), 1ms)) == 7);
  CHECK(loop::run(io, loop::with_deadline(restless(), 1ms)) == std::nullopt);
}

TEST_CASE("a deadline for a task without a result says whether it was kept") {
  asio::io_context io;
  CHECK(loop::run(io, loop::with_deadline(loop::sleep(1ms), 1h)));
  CHECK_FALSE(loop::run(io, loop::with_deadline(loop::sleep(1h), 1ms)));
  CHECK_FALSE(loop::run(io, loop::with_deadline(loop::sleep(1h), 0ms)));
}

TEST_CASE("ten thousand deadlines at once, half of them kept") {
  asio::io_context io;
  int kept = 0;
  auto one = [](int index, int* count) -> Task<void> {
    const Milliseconds delay = index % 2 == 0 ? 1ms : 1h;
    auto text = co_await loop::with_deadline(answer_after(delay), 100ms);
    if (text) ++*count;
  };
  for (int i = 0; i < 10'000; ++i) asio::co_spawn(io, one(i, &kept), [](const std::exception_ptr&) {});
  io.run();
  CHECK(kept == 5'000);
}
