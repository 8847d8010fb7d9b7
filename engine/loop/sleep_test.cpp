#include "loop/sleep.hpp"

#include <doctest/doctest.h>
#include <chrono>
#include <string>
#include <vector>

#include "loop/run.hpp"

using namespace shunt;
using namespace std::chrono_literals;

TEST_CASE("a sleep lasts as long as it says") {
  asio::io_context io;
  const auto begin = std::chrono::steady_clock::now();
  loop::run(io, loop::sleep(20ms));
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
}

TEST_CASE("a sleep of nothing, or less, is over at once") {
  asio::io_context io;
  loop::run(io, loop::sleep(0ms));
  loop::run(io, loop::sleep(-5s));
}

TEST_CASE("running a task gives its result or its error, and says when the loop was stopped under it") {
  asio::io_context io;
  auto answer = []() -> Task<std::string> { co_return std::string("forty-two"); };
  auto failing = []() -> Task<void> {
    co_await loop::sleep(0ms);
    throw std::runtime_error("no");
  };
  CHECK(loop::run(io, answer()) == "forty-two");
  CHECK_THROWS_WITH(loop::run(io, failing()), "no");
  asio::post(io, [&io] { io.stop(); });
  CHECK_THROWS_AS(loop::run(io, loop::sleep(1h)), std::logic_error);
}
