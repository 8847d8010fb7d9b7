#include "process/posix.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "loop/all.hpp"
#include "loop/deadline.hpp"
#include "loop/run.hpp"
#include "loop/signals.hpp"
#include "process/identity.hpp"

using namespace shunt;
using namespace std::chrono_literals;
using process::Command;
using process::Finished;
using Clock = std::chrono::steady_clock;

namespace {

Command shell(const std::string& script) {
  return Command({"/bin/sh", "-c", script});
}

Result<Finished> run(Command command) {
  asio::io_context io;
  process::Posix spawner;
  return loop::run(io, spawner.run(std::move(command)));
}

/// What a command that must succeed wrote.
std::string output(Command command) {
  const auto result = run(std::move(command));
  REQUIRE(result);
  CHECK(result->code == 0);
  return result->out;
}

/// The hexadecimal number behind `key` in a /proc/PID/status.
unsigned long long mask_in(const std::string& status, const std::string& key) {
  const auto at = status.find(key);
  REQUIRE(at != std::string::npos);
  return std::stoull(status.substr(at + key.size()), nullptr, 16);
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

/// Whether this process has children, zombies included.
bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool gone(pid_t pid) {
  for (const auto end = Clock::now() + 10s; Clock::now() < end; std::this_thread::sleep_for(1ms))
    if (!process::start_time_of(pid)) return true;
  return false;
}

/// Runs it, cancels it after `delay`, and tells how long the joining took.
Milliseconds cancel_after(Command command, Milliseconds delay) {
  asio::io_context io;
  process::Posix spawner;
  const auto begin = Clock::now();
  const auto result = loop::run(io, loop::with_deadline(spawner.run(std::move(command)), delay));
  CHECK_FALSE(result);
  return std::chrono::duration_cast<Milliseconds>(Clock::now() - begin) - delay;
}

}  // namespace

TEST_CASE("a command gives its status and both its streams") {
  const auto result = run(shell("echo out; echo err >&2; exit 3"));
  REQUIRE(result);
  CHECK(result->code == 3);
  CHECK(result->signal == 0);
  CHECK(result->out == "out\n");
  CHECK(result->err == "err\n");
  CHECK_FALSE(result->truncated);
}

TEST_CASE("a command that is ended by a signal says by which") {
  const auto result = run(shell("kill -USR1 $$"));
  REQUIRE(result);
  CHECK(result->signal == SIGUSR1);
  CHECK(result->code == 128 + SIGUSR1);
}

TEST_CASE("arguments arrive as they are: no shell sees them") {
  CHECK(output(Command({"printf", "%s|", "a b", "$HOME", "*", "", "'\"\n"})) == "a b|$HOME|*||'\"\n|");
}

TEST_CASE("the environment is the caller's plus what is given, or only that") {
  ::setenv("SHUNT_TEST_INHERITED", "yes", 1);
  auto added = shell("echo $SHUNT_TEST_INHERITED $ADDED $HOME");
  added.env = {{"ADDED", "too"}, {"HOME", "/elsewhere"}};
  CHECK(output(added) == "yes too /elsewhere\n");

  auto clean = Command({"env"});
  clean.env = {{"ONLY", "this"}};
  clean.clean_env = true;
  CHECK(output(clean) == "ONLY=this\n");
  ::unsetenv("SHUNT_TEST_INHERITED");
}

TEST_CASE("it runs in the folder given") {
  auto command = Command({"pwd"});
  command.cwd = "/usr/lib";
  CHECK(output(command) == "/usr/lib\n");
}

TEST_CASE("input arrives whole, then ends; without any there is none to wait for") {
  auto command = Command({"wc", "-c"});
  command.input = std::string(3'000'000, 'x');
  CHECK(output(command) == "3000000\n");
  CHECK(output(Command({"cat"})).empty());
}

TEST_CASE("input and output larger than any pipe do not block each other") {
  auto command = Command({"cat"});
  command.input = std::string(5'000'000, 'x');
  command.max_output = 10'000'000;
  CHECK(output(command) == command.input);

  const auto both = run(shell("head -c 500000 /dev/zero >&2; head -c 500000 /dev/zero; head -c 500000 /dev/zero >&2"));
  REQUIRE(both);
  CHECK(both->out.size() == 500'000);
  CHECK(both->err.size() == 1'000'000);
}

TEST_CASE("a command that does not read its input is no failure") {
  auto command = shell("exec 0<&-; sleep 0.05; echo done");
  command.input = std::string(3'000'000, 'x');
  CHECK(output(command) == "done\n");
}

TEST_CASE("output beyond the limit is dropped, and said so") {
  auto command = shell("head -c 100000 /dev/zero; printf end >&2");
  command.max_output = 1000;
  const auto result = run(command);
  REQUIRE(result);
  CHECK(result->code == 0);
  CHECK(result->out.size() == 1000);
  CHECK(result->err == "end");
  CHECK(result->truncated);

  auto exact = shell("head -c 1000 /dev/zero");
  exact.max_output = 1000;
  CHECK_FALSE(run(exact)->truncated);
}

TEST_CASE("the child has a group of its own, default signals, and no descriptor but 0 to 2") {
  const int leak = ::dup(STDERR_FILENO);  // not close-on-exec: the careless kind
  asio::io_context io;
  const loop::Signals signals(io.get_executor(), [](int) {});
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  CHECK(output(shell("for i in $(seq 0 99); do [ -e /proc/$$/fd/$i ] && printf '%s ' $i; done; :")) == "0 1 2 ");
  const auto status = output(Command({"cat", "/proc/self/status"}));
  constexpr unsigned long long ordinary = 0x7fffffff;  // the C library keeps 32 and 33 for itself
  CHECK((mask_in(status, "SigBlk:") & ordinary) == 0);
  CHECK((mask_in(status, "SigIgn:") & ordinary) == 0);
  CHECK(output(shell("set -- $(cat /proc/$$/stat); [ $5 = $$ ] && echo leader")) == "leader\n");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(leak);
}

TEST_CASE("whoever started it knows the child before it ends") {
  process::Identity seen;
  auto command = shell("echo $$; cut -d' ' -f22 /proc/$$/stat");
  command.started = [&seen](process::Identity identity) { seen = identity; };
  const auto own_words = output(command);
  CHECK(own_words == std::to_string(seen.pid) + "\n" + std::to_string(seen.start_time) + "\n");
  CHECK_FALSE(process::is_alive(seen));
}

TEST_CASE("an error in the callback ends the child and is not lost") {
  auto command = Command({"sleep", "60"});
  pid_t child = 0;
  command.started = [&child](process::Identity identity) {
    child = identity.pid;
    throw std::runtime_error("journal is full");
  };
  CHECK_THROWS_WITH((void)run(command), "journal is full");
  CHECK(gone(child));
  CHECK_FALSE(has_children());
}

TEST_CASE("what cannot be started is an error with its reason") {
  const auto result = run(Command({"no-such-program-anywhere"}));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "SH1711");
  CHECK(result.error().kind == Kind::adapter);
  CHECK(result.error().message == "cannot start no-such-program-anywhere: there is no program of that name in PATH");
}

TEST_CASE("a command over its time is ended, with its whole group, and shows what it wrote") {
  auto command = shell("echo before; echo trouble >&2; sleep 60 & echo $!; wait");
  command.timeout = 100ms;
  const auto begin = Clock::now();
  const auto result = run(command);
  CHECK(Clock::now() - begin < 4s);  // the grace is not waited for: everything ends at TERM
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "SH1712");
  CHECK(result.error().kind == Kind::timeout);
  CHECK(result.error().retryable);
  CHECK(result.error().message == "/bin/sh did not finish within 100ms and was ended");
  CHECK(result.error().evidence.at("stderr") == "trouble\n");
  const auto out = result.error().evidence.at("stdout").get<std::string>();
  REQUIRE(out.starts_with("before\n"));
  CHECK(gone(static_cast<pid_t>(std::stol(out.substr(7)))));
}

TEST_CASE("a group that ignores TERM is killed after the grace, not before") {
  auto command = shell("trap '' TERM; echo ready; sleep 60; sleep 60");
  command.timeout = 200ms;
  command.grace = 300ms;
  const auto begin = Clock::now();
  const auto result = run(command);
  REQUIRE_FALSE(result);
  CHECK(Clock::now() - begin >= 500ms);
  CHECK(Clock::now() - begin < 10s);
  CHECK(result.error().evidence.at("stdout") == "ready\n");
}

TEST_CASE("a member of the group gets its grace although the leader has ended") {
  auto command = shell("(trap 'sleep 0.2; echo cleaned; exit' TERM; echo ready; while :; do sleep 0.01; done) & wait");
  command.timeout = 300ms;
  const auto result = run(command);
  REQUIRE_FALSE(result);
  CHECK(result.error().evidence.at("stdout") == "ready\ncleaned\n");
}

TEST_CASE("a stopped group is ended too") {
  auto command = shell("kill -STOP $$");
  command.timeout = 100ms;
  const auto begin = Clock::now();
  CHECK_FALSE(run(command));
  CHECK(Clock::now() - begin < 4s);
}

TEST_CASE("cancelling ends the group and joins it") {
  pid_t child = 0;
  auto command = shell("sleep 60 & sleep 60");
  command.started = [&child](process::Identity identity) { child = identity.pid; };
  CHECK(cancel_after(command, 50ms) < 4s);
  CHECK_FALSE(process::group_is_alive(child));
  CHECK_FALSE(has_children());

  auto stubborn = shell("trap '' TERM; sleep 60; sleep 60");
  stubborn.grace = 300ms;
  CHECK(cancel_after(stubborn, 100ms) >= 290ms);
  CHECK_FALSE(has_children());
}

TEST_CASE("a descendant that holds the output open is not waited for longer than the grace") {
  auto command = shell("echo out; sleep 60 & echo $!");
  command.grace = 100ms;
  const auto begin = Clock::now();
  const auto out = output(command);
  CHECK(Clock::now() - begin >= 100ms);
  CHECK(Clock::now() - begin < 10s);
  REQUIRE(out.starts_with("out\n"));
  const auto background = static_cast<pid_t>(std::stol(out.substr(4)));
  CHECK(process::start_time_of(background));  // nobody said it should end
  ::kill(background, SIGKILL);
}

TEST_CASE("a descendant that floods the output does not keep it open either") {
  auto command = shell("exec 2>/dev/null; yes & echo $$ >&2");
  command.grace = 50ms;
  command.max_output = 100;
  pid_t group = 0;
  command.started = [&group](process::Identity identity) { group = identity.pid; };
  const auto begin = Clock::now();
  const auto result = run(command);
  CHECK(Clock::now() - begin < 10s);
  REQUIRE(result);
  CHECK(result->truncated);
  ::kill(-group, SIGKILL);
}

TEST_CASE("cancelling while a descendant holds the output ends the descendant") {
  pid_t group = 0;
  auto command = shell("sleep 60 & exit 0");
  command.started = [&group](process::Identity identity) { group = identity.pid; };
  CHECK(cancel_after(command, 200ms) < 4s);
  CHECK_FALSE(process::group_is_alive(group));
}

TEST_CASE("when the loop is torn down its children go with it") {
  pid_t child = 0;
  {
    asio::io_context io;
    process::Posix spawner;
    auto command = Command({"sleep", "60"});
    command.started = [&child](process::Identity identity) { child = identity.pid; };
    const auto waiting = std::make_shared<loop::Child<Result<Finished>>>(spawner.run(command));
    waiting->start(io.get_executor(), [] {});
    io.poll();
    CHECK(child > 0);
  }
  CHECK_FALSE(process::start_time_of(child));
  CHECK_FALSE(has_children());
}

namespace {

Task<std::string> run_one(process::Spawner* spawner, int number) {
  auto command = shell("read line; echo $line; [ " + std::to_string(number % 4) + " = 3 ] && sleep 60; exit 0");
  command.input = std::to_string(number) + "\n";
  command.timeout = 5s;
  auto result = co_await spawner->run(std::move(command));
  co_return result ? result->out : result.error().code;
}

Task<int> run_many(process::Spawner* spawner, int count) {
  std::vector<Task<std::string>> tasks;
  for (int i = 0; i < count; ++i) tasks.push_back(run_one(spawner, i));
  auto outputs = co_await loop::all(std::move(tasks));
  int right = 0;
  for (int i = 0; i < count; ++i)
    if (outputs.at(static_cast<std::size_t>(i)) == (i % 4 == 3 ? "SH1712" : std::to_string(i) + "\n")) ++right;
  co_return right;
}

}  // namespace

TEST_CASE("200 commands at once, some over their time, some cancelled, leave no descriptor and no process") {
  const auto before = open_descriptors();
  {
    asio::io_context io;
    process::Posix spawner;
    CHECK(loop::run(io, run_many(&spawner, 200)) == 200);
    CHECK_FALSE(loop::run(io, loop::with_deadline(run_many(&spawner, 40), 300ms)));
  }
  CHECK(open_descriptors() == before);
  CHECK_FALSE(has_children());
}
