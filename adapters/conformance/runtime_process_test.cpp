// What the process runtime does beyond its suite: starting, ending, output, secrets, odd bytes.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <csignal>
#include <fstream>
#include <sstream>

#include "adapters/conformance/runtime_process_bench.hpp"
#include "loop/deadline.hpp"
#include "supervise/lock.hpp"
#include "supervise/witness.hpp"

namespace shunt::conformance {

namespace {

const std::string id = "shop-web-blue-0";

supervise::Witness witness_of(const ProcessBench& bench) {
  return supervise::read_witness(supervise::Paths{bench.files_of(id).string()}).value_or(supervise::Witness());
}

Result<InstanceState> ensure(ProcessBench& bench, InstanceSpec spec) {
  return bench.run(bench.runtime().ensure(spec));
}

bool stop(ProcessBench& bench, Milliseconds grace = Milliseconds(2'000)) {
  return bool(bench.run(bench.runtime().stop(id, grace)));
}

std::vector<InstanceState> list(ProcessBench& bench) {
  return bench.run(bench.runtime().list("shop")).value();
}

/// Whether the file system can cut the front off a file.
bool can_collapse(const std::filesystem::path& folder) {
  const int file = ::open((folder / "probe").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const bool possible = ::ftruncate(file, 1 << 16) == 0 && ::fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, 4096) == 0;
  ::close(file);
  return possible;
}

TEST_CASE("a program that does not exist is named, and so is the folder") {
  ProcessBench bench;
  const auto no_program = ensure(bench, bench.command(id, {"shunt-no-such-program", "x"}));
  REQUIRE_FALSE(bool(no_program));
  CHECK(no_program.error().code == "SH1401");
  CHECK(no_program.error().message.find("shunt-no-such-program") != std::string::npos);

  auto spec = bench.command(id, {"/bin/true"});
  spec.config["cwd"] = "/nonexistent/folder";
  const auto no_folder = ensure(bench, spec);
  REQUIRE_FALSE(bool(no_folder));
  CHECK(no_folder.error().code == "SH1401");
  CHECK(no_folder.error().message.find("/nonexistent/folder") != std::string::npos);

  std::ofstream(bench.folder() / "script") << "#!/bin/sh\n";
  const auto no_right = ensure(bench, bench.command(id, {(bench.folder() / "script").string()}));
  REQUIRE_FALSE(bool(no_right));
  CHECK(no_right.error().message.find("cannot be executed") != std::string::npos);
  CHECK(list(bench).empty());
}

TEST_CASE("a command that nobody can run is refused") {
  ProcessBench bench;
  CHECK(ensure(bench, bench.command(id, {})).error().code == "SH1401");
  CHECK(ensure(bench, bench.command(id, {"/bin/echo", std::string("a\0b", 3)})).error().code == "SH1401");
  auto spec = bench.command(id, {"/bin/true"});
  spec.config["env"] = {{"A=B", "x"}};
  CHECK(ensure(bench, spec).error().code == "SH1401");
  spec.config["env"] = {{"A", {{"$secret", {{"env", "UNKNOWN"}}}}}};
  CHECK(ensure(bench, spec).error().code == "SH1009");
  CHECK(list(bench).empty());
}

TEST_CASE("a missing supervisor is said so") {
  ProcessBench bench("/nonexistent");
  const auto refused = ensure(bench, bench.command(id, {"/bin/true"}));
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1405");
  CHECK(refused.error().remedy.find("/nonexistent/shunt-supervise") != std::string::npos);
}

TEST_CASE("a state folder that cannot be written is said so") {
  ProcessBench bench;
  std::ofstream(bench.folder() / "state") << "a file where a folder should be";
  CHECK(ensure(bench, bench.command(id, {"/bin/true"})).error().code == "SH1404");
}

TEST_CASE("a log or a witness that cannot be written keeps the program from starting") {
  for (const char* file : {"log", "witness.new"}) {
    INFO(std::string(file));
    ProcessBench bench;
    std::filesystem::create_directories(bench.files_of(id) / file);
    const auto refused = ensure(bench, bench.command(id, {"/bin/sh", "-c", "touch started; exec sleep 1000"}));
    REQUIRE_FALSE(bool(refused));
    CHECK(refused.error().code == "SH1404");
    CHECK(list(bench).empty());
    CHECK_FALSE(std::filesystem::exists(bench.folder() / "started"));
  }
}

TEST_CASE("arguments, environment and folder arrive byte by byte") {
  ProcessBench bench;
  const std::vector<std::string> odd = {
      "", " two  words ", "line\nbreak", "quo'te\"s", "$HOME `id` $(id)", "\xc3\xa9\xff", "-x=*"};
  std::vector<std::string> argv = {"/bin/sh", "-c", "printf '<%s>' \"$@\" \"$ODD\" > \"out put\"; exec sleep 1000",
                                   "sh"};
  argv.insert(argv.end(), odd.begin(), odd.end());
  auto spec = bench.command(id, argv);
  spec.config["env"] = {{"ODD", "a\nb=c \xff"}};
  spec.config["cwd"] = (bench.folder() / "a folder").string();
  std::filesystem::create_directory(bench.folder() / "a folder");
  REQUIRE(bool(ensure(bench, spec)));
  std::string expected;
  for (const auto& argument : odd) expected += "<" + argument + ">";
  expected += "<a\nb=c \xff>";
  CHECK(bench.eventually([&] { return text_in(bench.folder() / "a folder" / "out put") == expected; }));
  CHECK(stop(bench));
}

TEST_CASE("an odd id stays inside the state folder") {
  ProcessBench bench;
  for (const std::string odd : {"../../escape", ".", "a/b", "sp ace\n"}) {
    INFO(odd);
    REQUIRE(bool(ensure(bench, bench.command(odd, {"sleep", "1000"}))));
    CHECK(list(bench).size() == 1);
    CHECK(list(bench).front().id == odd);
    CHECK(bool(bench.run(bench.runtime().stop(odd, Milliseconds(1'000)))));
    CHECK(list(bench).empty());
  }
  CHECK_FALSE(std::filesystem::exists(bench.folder() / "escape"));
}

TEST_CASE("secrets reach the program and nothing else") {
  ProcessBench bench;
  const std::string secret = fmt::format("correct-horse-{}", ::getpid());
  bench.secrets["DB"] = secret;
  auto spec = bench.command(id, {"/bin/sh", "-c", "echo length ${#DB}; exec sleep 1000"});
  spec.config["env"] = {{"DB", {{"$secret", {{"env", "DB"}}}}}};
  REQUIRE(bool(ensure(bench, spec)));
  CHECK(bench.eventually(
      [&] { return text_in(bench.files_of(id) / "log") == fmt::format("length {}\n", secret.size()); }));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.folder()))
    if (entry.is_regular_file()) {
      INFO(entry.path().string());
      CHECK(text_in(entry.path()).find(secret) == std::string::npos);
      CHECK((std::filesystem::status(entry.path()).permissions() & std::filesystem::perms(077)) ==
            std::filesystem::perms::none);
    }
  for (const auto& entry : supervise::all_entries()) {
    const auto pid = entry.identity.pid;
    CHECK(supervise::read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("").find(secret) == std::string::npos);
  }
  CHECK(supervise::read_file(fmt::format("/proc/{}/environ", witness_of(bench).supervisor.pid))
            .value_or("")
            .find(secret) == std::string::npos);
  CHECK((std::filesystem::status(bench.files_of(id)).permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
  CHECK(stop(bench));
}

TEST_CASE("the program has no descriptor but its own three, and default signals") {
  ProcessBench bench;
  const auto leaked = listen_at(free_port());
  ::signal(SIGUSR1, SIG_IGN);
  REQUIRE(bool(ensure(bench, bench.command(id, {"sleep", "1000"}))));
  ::signal(SIGUSR1, SIG_DFL);
  const auto child = witness_of(bench).child.pid;
  int descriptors = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", child)))
    descriptors += entry.path().empty() ? 0 : 1;
  CHECK(descriptors == 3);
  const auto status = supervise::read_file(fmt::format("/proc/{}/status", child)).value_or("");
  INFO(status);
  const auto ignored = std::stoull(status.substr(status.find("SigIgn:") + 7), nullptr, 16);
  CHECK((ignored & 0x7fffffff) == 0);  // 32 and 33 are the C library's own
  const auto core_filter = [](pid_t pid) { return supervise::read_file(fmt::format("/proc/{}/coredump_filter", pid)); };
  CHECK(core_filter(child) == core_filter(::getpid()));
  CHECK(core_filter(witness_of(bench).supervisor.pid) == "00000000\n");
  CHECK(status.find("SigBlk:\t0000000000000000") != std::string::npos);
  CHECK(stop(bench));
}

TEST_CASE("stop gives the program its grace") {
  ProcessBench bench;
  const std::string script = "trap 'sleep 0.3; echo saved; exit 0' TERM; echo ready; while :; do sleep 0.02; done";
  REQUIRE(bool(ensure(bench, bench.command(id, {"/bin/sh", "-c", script}))));
  CHECK(bench.eventually([&] { return text_in(bench.files_of(id) / "log") == "ready\n"; }));
  CHECK(stop(bench));
  CHECK(text_in(bench.files_of(id) / "log").ends_with("saved\n"));
}

TEST_CASE("stop uses the signal that the service asks for") {
  ProcessBench bench;
  auto spec = bench.command(
      id, {"/bin/sh", "-c", "trap 'echo quit; exit 0' QUIT; trap '' TERM; echo ready; while :; do sleep 0.02; done"});
  spec.stop_signal = SIGQUIT;
  REQUIRE(bool(ensure(bench, spec)));
  CHECK(bench.eventually([&] { return text_in(bench.files_of(id) / "log") == "ready\n"; }));
  CHECK(stop(bench));
  CHECK(text_in(bench.files_of(id) / "log").find("quit\n") != std::string::npos);
}

TEST_CASE("stop ends a program that was halted") {
  ProcessBench bench;
  const std::string script = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.02; done";
  const auto state = ensure(bench, bench.command(id, {"/bin/sh", "-c", script}));
  REQUIRE(bool(state));
  CHECK(bench.eventually([&] { return text_in(bench.files_of(id) / "log") == "ready\n"; }));
  ::kill(static_cast<pid_t>(state->pid), SIGSTOP);
  const auto before = std::chrono::steady_clock::now();
  CHECK(stop(bench, Milliseconds(8'000)));
  CHECK(std::chrono::steady_clock::now() - before < Milliseconds(4'000));
}

TEST_CASE("stop leaves nothing of the group or the tree, not even what made a session of its own") {
  ProcessBench bench;
  const auto family = bench.start_family(id);
  const auto witness = witness_of(bench);
  CHECK(stop(bench, Milliseconds(200)));
  CHECK(all_gone(family));
  CHECK_FALSE(supervise::is_alive(witness.child));
  CHECK(bench.eventually([&] { return !supervise::is_alive(witness.supervisor); }));
}

TEST_CASE("a stop that is cancelled half way goes on by itself") {
  ProcessBench bench;
  const auto family = bench.start_family(id);
  const auto interrupted =
      bench.run(loop::with_deadline(bench.runtime().stop(id, Milliseconds(300)), Milliseconds(20)));
  CHECK_FALSE(interrupted.has_value());
  CHECK(bench.eventually([&] { return all_gone(family) && list(bench).front().state == "exited"; }));
  CHECK(stop(bench));
  CHECK(list(bench).empty());
}

TEST_CASE("ensure waits for a stop that is still going on, and starts anew") {
  ProcessBench bench;
  const auto spec = bench.spec(Behaviour::is_stubborn, id);
  const auto first = ensure(bench, spec);
  REQUIRE(bool(first));
  (void)bench.run(loop::with_deadline(bench.runtime().stop(id, Milliseconds(300)), Milliseconds(20)));
  const auto second = ensure(bench, spec);
  REQUIRE(bool(second));
  CHECK(second->pid != first->pid);
  CHECK(second->state == "running");
}

TEST_CASE("what a crashed program left behind is ended before it is started again") {
  ProcessBench bench;
  const auto pids = bench.folder() / "family";
  auto spec = bench.command(id, {SHUNT_RUNTIME_INSTANCE, "family", pids.string()});
  spec.stop_grace = Milliseconds(200);
  REQUIRE(bool(ensure(bench, spec)));
  REQUIRE(bench.eventually([&] { return processes_in(pids).size() == 4; }));
  const auto first = processes_in(pids);
  std::filesystem::remove(pids);
  bench.crash(id);
  CHECK(bench.eventually([&] { return processes_in(pids).size() == 4; }));
  CHECK(all_gone(first));
  CHECK(stop(bench, Milliseconds(0)));
}

TEST_CASE("a program that disappears while it runs is tried again, and its log says why it does not come") {
  ProcessBench bench;
  const auto program = bench.folder() / "program";
  std::filesystem::copy_file("/bin/sleep", program);
  REQUIRE(bool(ensure(bench, bench.command(id, {program.string(), "1000"}))));
  std::filesystem::rename(program, bench.folder() / "elsewhere");
  bench.crash(id);
  CHECK(
      bench.eventually([&] { return text_in(bench.files_of(id) / "log").find("cannot start") != std::string::npos; }));
  CHECK(bench.eventually([&] { return list(bench).front().restarts >= 2; }));
  CHECK(list(bench).front().exit_code == 127);
  std::filesystem::rename(bench.folder() / "elsewhere", program);
  CHECK(bench.eventually([&] { return list(bench).front().state == "running"; }));
  CHECK(stop(bench));
}

TEST_CASE("the log stays small, and its last lines are complete across the cut") {
  ProcessBench bench;
  const std::string script = "seq 1 2500000; echo the end; exec sleep 1000";  // 19 MB
  REQUIRE(bool(ensure(bench, bench.command(id, {"/bin/sh", "-c", script}))));
  const auto last = [&](int lines) { return *bench.run(bench.runtime().logs(id, lines)); };
  CHECK(bench.eventually([&] { return last(1) == "the end\n"; }));
  const auto size_of = [&](const char* file) { return std::filesystem::file_size(bench.files_of(id) / file); };
  CHECK(bench.eventually([&] { return size_of("log") < 10 * 1024 * 1024; }));
  CHECK(size_of("log.1") <= 10 * 1024 * 1024);
  CHECK(last(3) == "2499999\n2500000\nthe end\n");
  CHECK(last(1'000'000).size() <= 1024 * 1024);
  if (!can_collapse(bench.folder())) return;
  std::istringstream lines(text_in(bench.files_of(id) / "log.1") + text_in(bench.files_of(id) / "log"));
  std::string line;
  std::getline(lines, line);  // begins anywhere
  int expected = 0;
  int lost = 0;
  while (std::getline(lines, line) && line != "the end") {
    const int number = std::stoi(line);
    if (expected != 0 && number != expected) ++lost;
    expected = number + 1;
  }
  CHECK(expected == 2'500'001);
  CHECK(lost == 0);
  CHECK(stop(bench));
}

TEST_CASE("output of a stopped instance can still be read, and a new one begins afresh") {
  ProcessBench bench;
  REQUIRE(bool(ensure(bench, bench.command(id, {"/bin/sh", "-c", "echo first; exec sleep 1000"}))));
  CHECK(bench.eventually([&] { return text_in(bench.files_of(id) / "log") == "first\n"; }));
  CHECK(stop(bench));
  CHECK(*bench.run(bench.runtime().logs(id, 10)) == "first\n");
  REQUIRE(bool(ensure(bench, bench.command(id, {"/bin/sh", "-c", "echo second; exec sleep 1000"}))));
  CHECK(bench.eventually([&] { return *bench.run(bench.runtime().logs(id, 10)) == "second\n"; }));
}

TEST_CASE("a child that listens for the program is its own; one at another address is not in its way") {
  ProcessBench bench;
  const int port = free_port();
  const auto address = fmt::format("127.0.0.1:{}", port);
  REQUIRE(bool(ensure(bench, bench.command(id, {SHUNT_RUNTIME_INSTANCE, "listen-below", std::to_string(port)}))));
  const auto listener = [&](const std::string& where) { return *bench.run(bench.runtime().listener(id, where)); };
  CHECK(bench.eventually([&] { return listener(address).ours; }));
  CHECK(listener(fmt::format("localhost:{}", port)).ours);
  CHECK(listener(fmt::format("0.0.0.0:{}", port)).ours);
  CHECK_FALSE(listener(fmt::format("127.0.0.2:{}", port)).present);
  CHECK_FALSE(listener(fmt::format("[::1]:{}", port)).present);
  CHECK(bench.run(bench.runtime().listener(id, "nonsense")).error().code == "SH1406");
}

TEST_CASE("a program that listens at every address is found at its own, and with a stranger beside it is not alone") {
  ProcessBench bench;
  const int port = free_port();
  REQUIRE(
      bool(ensure(bench, bench.command(id, {SHUNT_RUNTIME_INSTANCE, "listen", std::to_string(port), "127.0.0.9"}))));
  const auto listener = [&](const std::string& host) {
    return *bench.run(bench.runtime().listener(id, fmt::format("{}:{}", host, port)));
  };
  CHECK(bench.eventually([&] { return listener("127.0.0.9").ours; }));
  const auto stranger = listen_at(port);
  CHECK(listener("127.0.0.9").ours);
  const auto both = listener("0.0.0.0");
  CHECK(both.present);
  CHECK_FALSE(both.ours);
  CHECK(both.who == fmt::format("{} (pid {})", supervise::entry_of(::getpid())->name, ::getpid()));
}

}  // namespace

}  // namespace shunt::conformance
