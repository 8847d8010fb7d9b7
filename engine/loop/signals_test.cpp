#include "loop/signals.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <vector>

using namespace shunt;
using namespace std::chrono_literals;

namespace {

bool has_default_action(int number) {
  struct sigaction action {};
  ::sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_DFL;
}

}  // namespace

TEST_CASE("each signal arrives on the loop, also the second of a kind") {
  asio::io_context io;
  std::vector<int> seen;
  std::optional<loop::Signals> signals;
  signals.emplace(io.get_executor(), [&](int number) {
    seen.push_back(number);
    if (seen.size() == 4) signals.reset();  // the loop then has nothing left to do
  });
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGINT}) {
    ::raise(number);
    io.run_for(50ms);
  }
  io.run_for(10s);
  CHECK(seen == std::vector<int>{SIGINT, SIGTERM, SIGHUP, SIGINT});
  CHECK(io.stopped());
  CHECK(has_default_action(SIGINT));
}

TEST_CASE("the default actions are back when it is gone") {
  asio::io_context io;
  {
    const loop::Signals signals(io.get_executor(), [](int) {});
    CHECK_FALSE(has_default_action(SIGHUP));
  }
  CHECK(has_default_action(SIGHUP));
  CHECK(has_default_action(SIGTERM));
}
