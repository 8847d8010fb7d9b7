#include "process/survivors.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <string>

#include "loop/all.hpp"
#include "loop/run.hpp"
#include "loop/sleep.hpp"
#include "process/identity.hpp"
#include "process/posix.hpp"

using namespace shunt;
using namespace std::chrono_literals;

namespace {

// Of this very test, so that others may run beside it.
std::string run_id() {
  return "run-" + std::to_string(::getpid());
}

Task<std::vector<process::Survivor>> await_survivors(std::string run) {
  for (int i = 0; i < 500; ++i) {
    auto found = process::survivors_of(run);
    if (!found.empty()) co_return found;
    co_await loop::sleep(10ms);
  }
  co_return std::vector<process::Survivor>();
}

struct Seen {
  std::vector<process::Survivor> survivors;
  bool ended = false;
  Milliseconds took{0};
};

// Ends the first command that another task runs.
Task<Seen> find_and_end(std::string run) {
  Seen seen;
  seen.survivors = co_await await_survivors(std::move(run));
  if (seen.survivors.empty()) co_return seen;
  const auto began = std::chrono::steady_clock::now();
  auto first = seen.survivors.front();
  seen.ended = co_await process::end(std::move(first));
  seen.took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
  co_return seen;
}

Task<Seen> run_and_end(std::string script, bool observes, Milliseconds grace) {
  process::Posix posix;
  process::Marking marking(posix);
  marking.begin(run_id());
  process::Command command({"/bin/sh", "-c", std::move(script)});
  command.timeout = 30s;
  command.grace = grace;
  command.observes = observes;
  std::vector<Task<Seen>> both;
  both.push_back(find_and_end(run_id()));
  auto running = [](process::Marking& spawner, process::Command what) -> Task<Seen> {
    auto finished = co_await spawner.run(std::move(what));
    co_return Seen();
  };
  both.push_back(running(marking, std::move(command)));
  auto seen = co_await loop::all(std::move(both));
  co_return std::move(seen.front());
}

Seen run_it(const std::string& script, bool observes = false, Milliseconds grace = 2s) {
  asio::io_context io;
  return loop::run(io, run_and_end(script, observes, grace));
}

}  // namespace

TEST_CASE("a marked command is found by its run alone, with what its starter knew of it") {
  const auto before = wall_clock_ms();
  const auto seen = run_it("sleep 60; true", true);
  REQUIRE(seen.survivors.size() == 1);
  const auto& found = seen.survivors.front();
  CHECK(found.program == "sh");
  CHECK(found.observes);
  CHECK(found.grace == 2s);
  CHECK(found.until >= before + 30'000);
  CHECK(found.until <= wall_clock_ms() + 30'000);
  CHECK(seen.ended);
  CHECK(process::survivors_of("another").empty());
  CHECK(process::survivors_of("").empty());
}

TEST_CASE("ending it ends its group, also one that is stopped, or does not listen to TERM") {
  CHECK(run_it("sleep 60 & kill -STOP $$").ended);
  const auto deaf = run_it("trap '' TERM; while :; do sleep 1; done", false, 300ms);
  CHECK(deaf.ended);
  CHECK(deaf.took >= 300ms);
  CHECK(process::survivors_of(run_id()).empty());
}

TEST_CASE("what it left in a session of its own is none of it, and what has no run has no mark") {
  const auto seen = run_it("setsid sleep 5 & sleep 60");
  REQUIRE(seen.survivors.size() == 1);
  CHECK(seen.survivors.front().program == "sh");
  CHECK_FALSE(seen.survivors.front().observes);
  CHECK(process::survivors_of(run_id()).empty());

  asio::io_context io;
  process::Posix posix;
  process::Marking marking(posix);
  process::Command command({"/bin/sh", "-c", "echo \"[$SHUNT_CALL]\""});
  const auto finished = loop::run(io, marking.run(command));
  REQUIRE(finished);
  CHECK(finished->out == "[]\n");
  marking.begin("r1");
  command.observes = true;
  const auto marked = loop::run(io, marking.run(command));
  REQUIRE(marked);
  CHECK(marked->out.starts_with("[r1:"));
  CHECK(marked->out.ends_with(":5000:observes]\n"));
}
