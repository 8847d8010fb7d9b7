#include "supervise/command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace shunt::supervise {

namespace {

constexpr const char* core_filter = "/proc/self/coredump_filter";  // which kinds of memory: inherited, a bit mask

std::string found_core_filter;

void set_core_filter(const std::string& filter) {
  const int file = ::open(core_filter, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (::write(file, filter.data(), filter.size()) < 0) ::_exit(126);
  ::close(file);
}

/// What the child tells when it cannot execute.
struct Report {
  char stage = 'e';
  int error = 0;
};

void set_default_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void fail(int report, char stage) {
  const Report reason = {stage, errno};
  if (::write(report, &reason, sizeof reason) < 0) ::_exit(126);
  ::_exit(127);
}

[[noreturn]] void become(const Spec& spec, int output, int go, int report) {
  ::setpgid(0, 0);
  char told = 0;
  if (::read(go, &told, 1) != 1) ::_exit(125);  // the supervisor was killed meanwhile, or thought better of it
  set_default_signals();
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (::chdir(spec.cwd.empty() ? "/" : spec.cwd.c_str()) != 0) fail(report, 'c');
  for (const auto& entry : spec.env) {
    const auto equals = entry.find('=');
    if (equals != std::string::npos) ::setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
  }
  for (const auto& mark : runner_marks) ::unsetenv(mark.c_str());
  if (!found_core_filter.empty()) set_core_filter("0x" + found_core_filter);
  ::setenv("SHUNT_INSTANCE", spec.mark().c_str(), 1);
  std::vector<char*> argv;
  for (const auto& argument : spec.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv.front(), argv.data());
  fail(report, 'e');
}

}  // namespace

const std::vector<std::string> runner_marks = {"RUNNER_TRACKING_ID", "JENKINS_NODE_COOKIE", "JENKINS_SERVER_COOKIE",
                                               "SHUNT_INSTANCE", "SHUNT_CALL"};

void drop_runner_marks() {
  for (const auto& mark : runner_marks) {
    char* value = ::getenv(mark.c_str());
    if (value == nullptr) continue;
    // What /proc/PID/environ shows is this memory itself: the name goes, too.
    char* entry = value - mark.size() - 1;
    const auto length = mark.size() + 1 + std::strlen(value);
    ::unsetenv(mark.c_str());
    ::explicit_bzero(entry, length);
  }
}

void leave_no_core() {
  found_core_filter = read_file(core_filter).value_or("");
  while (!found_core_filter.empty() && found_core_filter.back() == '\n') found_core_filter.pop_back();
  set_core_filter("0");
}

Record StartFailure::to_record() const {
  return {{"failed", stage}, {"error", std::to_string(error)}};
}

std::optional<Command> Command::fork(const Spec& spec, int output) {
  std::array<int, 2> go = {-1, -1};
  std::array<int, 2> report = {-1, -1};
  if (::pipe2(go.data(), O_CLOEXEC) != 0) return std::nullopt;
  if (::pipe2(report.data(), O_CLOEXEC) != 0) {
    for (const int end : go) ::close(end);
    return std::nullopt;
  }
  Command command;
  command.go_ = go[1];
  command.report_ = report[0];
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(go[1]);
    become(spec, output, go[0], report[1]);
  }
  ::close(go[0]);
  ::close(report[1]);
  if (pid < 0) return std::nullopt;
  ::setpgid(pid, pid);
  command.identity_.pid = pid;
  if (const auto entry = entry_of(pid)) command.identity_ = entry->identity;
  return command;
}

Command::Command(Command&& other) noexcept
    : identity_(other.identity_), go_(std::exchange(other.go_, -1)), report_(std::exchange(other.report_, -1)) {}

Command::~Command() {
  if (go_ >= 0) ::close(go_);
  if (report_ >= 0) ::close(report_);
}

std::optional<StartFailure> Command::execute() {
  const char told = 1;
  if (::write(go_, &told, 1) != 1) return StartFailure{"fork", errno};
  Report reason;
  ssize_t count = 0;
  do count = ::read(report_, &reason, sizeof reason);
  while (count < 0 && errno == EINTR);
  if (count == 0) return std::nullopt;  // closed by the execution
  return StartFailure{reason.stage == 'c' ? "cwd" : "exec", reason.error};
}

}  // namespace shunt::supervise
