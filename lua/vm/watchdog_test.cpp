#include "vm/watchdog.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::Watchdog;
using shunt::lua::test::Play;

namespace {

bool wait_until(const std::atomic<int>& count, int wanted) {
  for (int i = 0; i < 5000 && count != wanted; ++i) std::this_thread::sleep_for(Milliseconds(1));
  return count == wanted;
}

}  // namespace

TEST_CASE("the watchdog fires once when it is not disarmed in time") {
  std::atomic<int> fired = 0;
  const std::function<void()> fire = [&] { ++fired; };
  Watchdog watchdog;
  watchdog.arm(Milliseconds(5), fire);
  CHECK(wait_until(fired, 1));
  watchdog.disarm();
  watchdog.arm(Milliseconds(5), fire);
  CHECK(wait_until(fired, 2));
  std::this_thread::sleep_for(Milliseconds(20));
  CHECK(fired == 2);
  watchdog.disarm();
}

TEST_CASE("the watchdog does not fire when it is disarmed, and takes a shorter time than the one before") {
  std::atomic<int> fired = 0;
  const std::function<void()> fire = [&] { ++fired; };
  Watchdog watchdog;
  for (int i = 0; i < 1000; ++i) {
    watchdog.arm(Milliseconds(1000), fire);
    watchdog.disarm();
  }
  CHECK(fired == 0);
  watchdog.arm(Milliseconds(60'000), fire);
  watchdog.disarm();
  watchdog.arm(Milliseconds(5), fire);
  CHECK(wait_until(fired, 1));
  watchdog.disarm();
  watchdog.arm(Milliseconds(60'000), fire);  // and is destroyed while it is armed
}

TEST_CASE("a script that does not come back is reported from another thread") {
  static std::atomic<int> stuck = 0;
  ScriptLimits limits;
  limits.wall = Milliseconds(20);  // enough to get there, on a busy machine too
  limits.memory = std::size_t{1024} * 1024 * 1024;
  limits.stuck = [] { ++stuck; };
  // One concatenation of 400 MB: a single instruction, so no hook runs.
  Play play(limits);
  play.run(
      "local s = ('x'):rep(1 << 20) clock.now() s = s .. s .. s .. s .. s clock.now() s = s .. s .. s .. s .. s "
      "clock.now() s = s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s");
  CHECK(stuck >= 1);
}

TEST_CASE("loading that does not come back ends the program with 2 and says why") {
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(pipe_ends[1], STDERR_FILENO);
    const ReadFile files = [](const std::string&) { return std::optional<std::string>("return { a = env 'X' }"); };
    const ReadEnvironment never = [](const std::string&) -> std::optional<std::string> {
      while (true) std::this_thread::sleep_for(Milliseconds(50));
    };
    (void)lua::make_runtime({})->load_app("shunt.lua", files, never);
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  char buffer[256] = {};
  const auto size = ::read(pipe_ends[0], buffer, sizeof buffer - 1);
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(size > 0);
  CHECK(std::string(buffer) == "shunt.lua: loading did not end and cannot be stopped (SH1112)\n");
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 2);
}
