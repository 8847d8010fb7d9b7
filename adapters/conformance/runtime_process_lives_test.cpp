// What the process runtime survives: the end of whoever started it, of its supervisor, and numbers that come again.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <csignal>
#include <cstdlib>

#include "adapters/conformance/runtime_process_bench.hpp"
#include "loop/all.hpp"
#include "process/posix.hpp"
#include "supervise/lock.hpp"
#include "supervise/witness.hpp"

namespace shunt::conformance {

namespace {

const std::string id = "shop-web-blue-0";

supervise::Paths paths_in(const ProcessBench& bench) {
  return supervise::Paths{bench.files_of(id).string()};
}

supervise::Witness witness_of(const ProcessBench& bench) {
  return supervise::read_witness(paths_in(bench)).value_or(supervise::Witness());
}

std::vector<InstanceState> list(ProcessBench& bench) {
  return bench.run(bench.runtime().list("shop")).value();
}

bool stop(ProcessBench& bench, Milliseconds grace = Milliseconds(2'000)) {
  return bool(bench.run(bench.runtime().stop(id, grace)));
}

/// A process of its own that starts an instance and waits to be ended; `prepare` runs in it first.
pid_t start_in_another_process(ProcessBench& bench, const InstanceSpec& spec, void (*prepare)()) {
  int ready[2] = {-1, -1};
  REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
  const pid_t starter = ::fork();
  if (starter == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
    prepare();
    const auto state = bench.run(bench.runtime().ensure(spec));
    const char told = state ? 'y' : 'n';
    if (::write(ready[1], &told, 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  ::close(ready[1]);
  char told = 'n';
  CHECK(::read(ready[0], &told, 1) == 1);
  CHECK(told == 'y');
  ::close(ready[0]);
  return starter;
}

/// Still the same life, under the same supervisor, and it can be stopped by somebody else.
void check_that_it_lives_on(ProcessBench& bench, const InstanceSpec& spec) {
  REQUIRE(list(bench).size() == 1);
  const auto before = list(bench).front();
  CHECK(before.state == "running");
  CHECK(before.restarts == 0);
  const auto witness = witness_of(bench);
  CHECK(supervise::is_alive(witness.supervisor));
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1}) CHECK(supervise::send_signal(witness.supervisor, number));
  CHECK(bench.run(bench.runtime().ensure(spec)).value().pid == before.pid);
  CHECK(bench.eventually([&] { return bench.run(bench.runtime().listener(id, spec.address)).value().ours; }));
  CHECK(stop(bench));
  CHECK_FALSE(supervise::is_alive(witness.child));
  // It lets go of its witness by ending; the last of that is the kernel's.
  CHECK(bench.eventually([&] { return !supervise::is_alive(witness.supervisor); }));
}

void stay_in_the_group() {}

void lead_a_group() {
  ::setpgid(0, 0);
}

void lead_a_session() {
  ::setsid();
}

/// As a CI runner does when a job is over.
void end_by_mark(const std::string& mark) {
  for (const auto& entry : supervise::all_entries())
    if (entry.identity.pid != ::getpid() && supervise::was_given(entry.identity.pid, mark))
      supervise::send_signal(entry.identity, SIGKILL);
}

TEST_CASE("an instance outlives a starter that ends or is killed") {
  for (const int signal : {SIGTERM, SIGKILL}) {
    ProcessBench bench;
    const auto spec = bench.spec(Behaviour::serves, id);
    const pid_t starter = start_in_another_process(bench, spec, stay_in_the_group);
    ::kill(starter, signal);
    ::waitpid(starter, nullptr, 0);
    check_that_it_lives_on(bench, spec);
  }
}

TEST_CASE("an instance outlives the whole process group and session of its starter") {
  for (const auto prepare : {lead_a_group, lead_a_session}) {
    ProcessBench bench;
    const auto spec = bench.spec(Behaviour::serves, id);
    const pid_t starter = start_in_another_process(bench, spec, prepare);
    ::kill(-starter, SIGKILL);
    for (const auto& entry : supervise::all_entries())
      if (entry.session == starter) supervise::send_signal(entry.identity, SIGKILL);
    ::waitpid(starter, nullptr, 0);
    check_that_it_lives_on(bench, spec);
  }
}

int terminal = -1;

void take_the_terminal() {
  ::setsid();
  const int end = ::open(::ptsname(terminal), O_RDWR | O_CLOEXEC);
  ::ioctl(end, TIOCSCTTY, 0);
}

TEST_CASE("an instance outlives the terminal it was started at") {
  ProcessBench bench;
  const auto spec = bench.spec(Behaviour::serves, id);
  terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(::grantpt(terminal) == 0);
  REQUIRE(::unlockpt(terminal) == 0);
  // The test keeps one end, its child the other and a copy of the first, which does not hold the line.
  const pid_t starter = start_in_another_process(bench, spec, [] {
    take_the_terminal();
    ::close(terminal);
  });
  ::close(terminal);
  int status = 0;
  ::waitpid(starter, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGHUP);
  check_that_it_lives_on(bench, spec);
}

TEST_CASE("an instance outlives the job of a CI runner, and carries none of its marks") {
  const auto mark = fmt::format("RUNNER_TRACKING_ID=github_{}", ::getpid());
  ::putenv(const_cast<char*>(mark.c_str()));
  ProcessBench bench;
  const auto spec = bench.spec(Behaviour::serves, id);
  // Its environment is what it was executed with, so the mark must come from an execution: ours stands in for the
  // runner's.
  const pid_t starter = start_in_another_process(bench, spec, lead_a_group);
  const auto witness = witness_of(bench);
  for (const auto process : {witness.supervisor.pid, witness.child.pid}) {
    const auto environment = supervise::read_file(fmt::format("/proc/{}/environ", process)).value_or("");
    CHECK_FALSE(environment.empty());
    CHECK(environment.find("RUNNER_TRACKING_ID") == std::string::npos);
  }
  end_by_mark(mark);
  ::kill(-starter, SIGKILL);
  ::waitpid(starter, nullptr, 0);
  ::unsetenv("RUNNER_TRACKING_ID");
  check_that_it_lives_on(bench, spec);
}

TEST_CASE("a killed supervisor does not end its instance; it is listed, and stop ends it and all below it") {
  ProcessBench bench;
  const auto family = bench.start_family(id);
  const auto witness = witness_of(bench);
  REQUIRE(supervise::send_signal(witness.supervisor, SIGKILL));
  REQUIRE(bench.eventually([&] { return !supervise::Lock::is_held(paths_in(bench).lock()); }));
  REQUIRE(list(bench).size() == 1);
  CHECK(list(bench).front().state == "running");
  CHECK(list(bench).front().pid == witness.child.pid);
  CHECK(stop(bench, Milliseconds(200)));
  CHECK(list(bench).empty());
  CHECK(all_gone(family));
  CHECK_FALSE(supervise::is_alive(witness.child));
}

TEST_CASE("an instance without its supervisor goes on serving and writing") {
  ProcessBench bench;
  const auto spec = bench.command(id, {"/bin/sh", "-c", "while :; do echo tick; sleep 0.01; done"});
  REQUIRE(bool(bench.run(bench.runtime().ensure(spec))));
  REQUIRE(supervise::send_signal(witness_of(bench).supervisor, SIGKILL));
  const auto size = text_in(paths_in(bench).log()).size();
  CHECK(bench.eventually([&] { return text_in(paths_in(bench).log()).size() > size + 50; }));
  CHECK(list(bench).front().state == "running");
}

TEST_CASE("ensure ends an orphan of the same run first, and refuses to touch another's") {
  ProcessBench bench;
  const auto spec = bench.spec(Behaviour::serves, id);
  const auto first = bench.run(bench.runtime().ensure(spec));
  REQUIRE(bool(first));
  const auto orphan = witness_of(bench).child;
  CHECK(bench.eventually([&] { return bench.run(bench.runtime().listener(id, spec.address)).value().ours; }));
  REQUIRE(supervise::send_signal(witness_of(bench).supervisor, SIGKILL));
  REQUIRE(bench.eventually([&] { return !supervise::Lock::is_held(paths_in(bench).lock()); }));
  CHECK(bench.run(bench.runtime().listener(id, spec.address)).value().ours);
  auto other = spec;
  other.labels.run = "run-2";
  CHECK(bench.run(bench.runtime().ensure(other)).error().code == "SH1402");
  CHECK(supervise::is_alive(orphan));
  const auto second = bench.run(bench.runtime().ensure(spec));
  REQUIRE(bool(second));
  CHECK_FALSE(supervise::is_alive(orphan));
  CHECK(second->pid != first->pid);
  CHECK(bench.eventually([&] { return bench.run(bench.runtime().listener(id, spec.address)).value().ours; }));
}

TEST_CASE("what is left when supervisor and program were both killed is found by its mark") {
  ProcessBench bench;
  const auto family = bench.start_family(id);
  const auto witness = witness_of(bench);
  REQUIRE(supervise::send_signal(witness.supervisor, SIGKILL));
  REQUIRE(supervise::send_signal(witness.child, SIGKILL));
  REQUIRE(bench.eventually(
      [&] { return !supervise::is_alive(witness.child) && !supervise::is_alive(witness.supervisor); }));
  for (const auto& one : family) CHECK(supervise::is_alive(one));
  CHECK(list(bench).front().state == "exited");
  CHECK(stop(bench, Milliseconds(100)));
  CHECK(all_gone(family));
}

/// Files that say this very test process, or a later one with its number, is the supervisor and the program.
void claim_to_be(const ProcessBench& bench, supervise::Identity identity, const std::string& boot) {
  std::filesystem::create_directories(bench.files_of(id));
  supervise::Witness witness;
  witness.id = id;
  witness.ticket = "0123";
  witness.labels = {"shunt.app=shop", "shunt.run=run-1"};
  witness.boot = boot;
  witness.supervisor = identity;
  witness.child = identity;
  witness.session = identity.pid;
  witness.state = "running";
  REQUIRE(supervise::replace_file(paths_in(bench).witness(), witness.to_record()));
}

TEST_CASE("a process with the same number but another start time is left alone") {
  ProcessBench bench;
  auto self = supervise::entry_of(::getpid())->identity;
  ++self.start_time;
  claim_to_be(bench, self, supervise::boot_id());
  REQUIRE(list(bench).size() == 1);
  CHECK(list(bench).front().state == "exited");
  CHECK(list(bench).front().pid == 0);
  const int port = free_port();
  const auto listening = listen_at(port);
  CHECK_FALSE(bench.run(bench.runtime().listener(id, fmt::format("127.0.0.1:{}", port))).value().ours);
  CHECK(stop(bench, Milliseconds(0)));
  CHECK(list(bench).empty());
}

TEST_CASE("numbers from before the machine was started again mean nothing") {
  ProcessBench bench;
  claim_to_be(bench, supervise::entry_of(::getpid())->identity, "another boot");
  CHECK(list(bench).front().state == "exited");
  CHECK(stop(bench, Milliseconds(0)));
  CHECK(bool(bench.run(bench.runtime().ensure(bench.command(id, {"sleep", "1000"})))));
}

TEST_CASE("what does not end is said so") {
  ProcessBench bench;
  auto self = supervise::entry_of(::getpid())->identity;
  ++self.start_time;
  claim_to_be(bench, self, supervise::boot_id());
  const auto lock = supervise::Lock::take(paths_in(bench).lock());
  REQUIRE(lock.has_value());
  const auto stopped = bench.run(bench.runtime().stop(id, Milliseconds(0)));
  REQUIRE_FALSE(bool(stopped));
  CHECK(stopped.error().code == "SH1403");
  CHECK(stopped.error().message.find(std::to_string(self.pid)) != std::string::npos);
}

TEST_CASE("a start that was called off does not happen later") {
  ProcessBench bench;
  const auto spec = bench.command(id, {"sleep", "1000"});
  REQUIRE(bool(bench.run(bench.runtime().ensure(spec))));
  const auto record = supervise::read_file(paths_in(bench).spec());
  CHECK(stop(bench));
  // A supervisor that was delayed until now reads what it was given long ago.
  process::Command late(
      {(std::filesystem::path(SHUNT_HELPERS) / "shunt-supervise").string(), bench.files_of(id).string()});
  late.input = *record;
  process::Posix spawner;
  auto finished = bench.run(spawner.run(late));
  REQUIRE(bool(finished));
  CHECK(finished->out.find("called-off") != std::string::npos);
  CHECK(list(bench).empty());
}

TEST_CASE("two that start the same instance at once never make two") {
  ProcessBench bench;
  const auto spec = bench.spec(Behaviour::serves, id);
  for (int round = 0; round < 10; ++round) {
    std::vector<Task<Result<InstanceState>>> both;
    both.push_back(bench.runtime().ensure(spec));
    both.push_back(bench.runtime().ensure(spec));
    const auto states = bench.run(loop::all(std::move(both)));
    int supervisors = 0;
    for (const auto& entry : supervise::all_entries())
      if (supervise::read_file(fmt::format("/proc/{}/cmdline", entry.identity.pid))
              .value_or("")
              .ends_with(bench.files_of(id).string() + '\0'))
        ++supervisors;
    CHECK(supervisors <= 1);
    for (const auto& state : states)
      if (state)
        CHECK(state->pid == list(bench).front().pid);
      else
        CHECK(state.error().code == "SH1402");
    CHECK(stop(bench));
  }
}

}  // namespace

}  // namespace shunt::conformance
