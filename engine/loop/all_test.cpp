#include "loop/all.hpp"

#include <doctest/doctest.h>
#include <chrono>
#include <stdexcept>
#include <string>

#include "loop/deadline.hpp"
#include "loop/run.hpp"
#include "loop/sleep.hpp"

using namespace shunt;
using namespace std::chrono_literals;
using loop::Abort;
using loop::Completion;
using loop::Start;

namespace {

Task<std::string> say(std::string text, Milliseconds delay) {
  co_await loop::sleep(delay);
  co_return text;
}

Task<std::string> fail(std::string text, Milliseconds delay) {
  if (delay > 0ms) co_await loop::sleep(delay);
  throw std::runtime_error(text);
}

/// Ends `delay` after it was cancelled, and then adds one to `ended`.
Task<std::string> slow_to_end(asio::io_context* io, int* ended, Milliseconds delay) {
  auto timer = std::make_shared<asio::steady_timer>(*io);
  Start<std::string> start = [timer, ended, delay](const Completion<std::string>& completion) -> Abort<std::string> {
    return [timer, ended, delay, completion](const Completion<std::string>&) {
      timer->expires_after(delay);
      timer->async_wait([timer, ended, completion](const asio::error_code&) {
        ++*ended;
        completion.fail(loop::cancellation());
      });
    };
  };
  auto text = co_await loop::suspend<std::string>(std::move(start));
  co_return text;
}

}  // namespace

TEST_CASE("tasks run side by side and their results come in order") {
  asio::io_context io;
  std::vector<Task<std::string>> tasks;
  tasks.push_back(say("slow", 60ms));
  tasks.push_back(say("quick", 0ms));
  tasks.push_back(say("middle", 50ms));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(loop::run(io, loop::all(std::move(tasks))) == std::vector<std::string>{"slow", "quick", "middle"});
  CHECK(std::chrono::steady_clock::now() - begin < 105ms);
}

TEST_CASE("no tasks, no results") {
  asio::io_context io;
  CHECK(loop::run(io, loop::all(std::vector<Task<int>>())).empty());
  loop::run(io, loop::all(std::vector<Task<void>>()));
}

TEST_CASE("one failure cancels the others, which are joined before it is thrown") {
  asio::io_context io;
  int ended = 0;
  std::vector<Task<std::string>> tasks;
  tasks.push_back(slow_to_end(&io, &ended, 10ms));
  tasks.push_back(fail("broken", 1ms));
  tasks.push_back(slow_to_end(&io, &ended, 20ms));
  CHECK_THROWS_WITH(loop::run(io, loop::all(std::move(tasks))), "broken");
  CHECK(ended == 2);
}

TEST_CASE("a task that fails at once, before the later ones have begun, ends them too") {
  asio::io_context io;
  int ended = 0;
  std::vector<Task<std::string>> tasks;
  tasks.push_back(fail("at once", 0ms));
  tasks.push_back(slow_to_end(&io, &ended, 1ms));
  CHECK_THROWS_WITH(loop::run(io, loop::all(std::move(tasks))), "at once");
  CHECK(ended == 1);
}

TEST_CASE("the first error is thrown; a real one goes before a cancellation") {
  asio::io_context io;
  std::vector<Task<std::string>> two;
  two.push_back(fail("second", 20ms));
  two.push_back(fail("first", 0ms));
  CHECK_THROWS_WITH(loop::run(io, loop::all(std::move(two))), "first");

  Start<std::string> complaining = [](const Completion<std::string>& completion) -> Abort<std::string> {
    return [completion](const Completion<std::string>&) {
      completion.fail(std::make_exception_ptr(std::runtime_error("could not end well")));
    };
  };
  auto aborted = []() -> Task<std::string> {
    co_await loop::sleep(1ms);
    std::rethrow_exception(loop::cancellation());
  };
  std::vector<Task<std::string>> mixed;
  mixed.push_back(aborted());
  mixed.push_back(loop::suspend<std::string>(complaining));
  CHECK_THROWS_WITH(loop::run(io, loop::all(std::move(mixed))), "could not end well");
}

TEST_CASE("cancelling the one who waits cancels and joins them all") {
  asio::io_context io;
  int ended = 0;
  auto deadline = [](asio::io_context* context, int* count) -> Task<bool> {
    std::vector<Task<std::string>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(slow_to_end(context, count, 10ms));
    auto results = co_await loop::with_deadline(loop::all(std::move(tasks)), 5ms);
    co_return !results && *count == 3;
  };
  CHECK(loop::run(io, deadline(&io, &ended)));
}

TEST_CASE("tasks without results, and results that cannot be copied or made from nothing") {
  asio::io_context io;
  int done = 0;
  auto count = [](int* counter) -> Task<void> {
    co_await loop::sleep(1ms);
    ++*counter;
  };
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(count(&done));
  loop::run(io, loop::all(std::move(tasks)));
  CHECK(done == 100);

  struct Box {
    explicit Box(int value) : value(std::make_unique<int>(value)) {}
    std::unique_ptr<int> value;
  };
  auto box = [](int value) -> Task<Box> {
    co_await loop::sleep(0ms);
    Box result(value);
    co_return result;
  };
  std::vector<Task<Box>> boxes;
  boxes.push_back(box(1));
  boxes.push_back(box(2));
  const auto results = loop::run(io, loop::all(std::move(boxes)));
  CHECK(*results.at(0).value + *results.at(1).value == 3);

  auto yes = []() -> Task<bool> { co_return true; };
  std::vector<Task<bool>> flags;
  flags.push_back(yes());
  CHECK(loop::run(io, loop::all(std::move(flags))) == std::vector<bool>{true});
}
