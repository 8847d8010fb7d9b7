#include "harness/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "harness/eventually.hpp"

extern char** environ;

namespace shunt::harness {

namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// Where output is kept: a file without a name, which the child appends to and the test reads from its start.
int anonymous_file() {
  const int fd = ::memfd_create("output", MFD_CLOEXEC);
  if (fd < 0) fail(errno, "cannot make a file for a program's output");
  ::fcntl(fd, F_SETFL, O_APPEND);
  return fd;
}

std::string text_in(int fd) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (fd >= 0) {
    const auto got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : changes) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all)
    if (!value.empty()) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int input_of(const std::string& text) {
  if (text.empty()) return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (text.size() > 65536) throw std::logic_error("a program's input is at most 64 KiB: more would fill the pipe");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "cannot make a pipe");
  const auto written = ::write(ends[1], text.data(), text.size());
  ::close(ends[1]);
  if (written != static_cast<ssize_t>(text.size())) fail(EIO, "cannot fill a pipe");
  return ends[0];
}

// The state of each process of the group ('R', 'S', 'T', 'Z' ..., see proc(5)).
std::string states_of(pid_t group) {
  std::string states;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));  // what precedes is the pid and the name
    char state = 0;
    pid_t parent = 0, group_of_it = 0;
    if (fields >> state >> parent >> group_of_it && group_of_it == group) states += state;
  }
  return states;
}

// A zombie only waits for its parent to take note of its end.
bool is_gone(pid_t group) {
  return ::kill(-group, 0) != 0 || states_of(group).find_first_not_of("ZX") == std::string::npos;
}

struct Start {
  std::vector<char*> argv;
  std::vector<char*> env;
  const char* cwd;
  int in, out, err, complaint;
  pid_t parent;
};

// Between fork and exec: only async-signal-safe calls. What fails is written to `complaint`, as an errno.
[[noreturn]] void become(const Start& start) {
  const auto give_up = [&] {
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(start.complaint, &error, sizeof error);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != start.parent) ::_exit(127);  // the test died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int ignored : {SIGPIPE, SIGINT, SIGHUP, SIGTERM}) ::signal(ignored, SIG_DFL);
  if (::dup2(start.in, 0) < 0 || ::dup2(start.out, 1) < 0 || ::dup2(start.err, 2) < 0) give_up();
  if (start.cwd != nullptr && ::chdir(start.cwd) != 0) give_up();
  ::execvpe(start.argv[0], start.argv.data(), start.env.data());
  give_up();
  ::_exit(127);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Exit& exit) {
  return exit.signal != 0 ? out << "signal " << exit.signal : out << "exit " << exit.code;
}

Program::Program(Command command) : command_(std::move(command)) {}

Program::~Program() {
  kill();
  close_fd(out_);
  close_fd(err_);
}

Program::Program(Program&& other) noexcept
    : command_(std::move(other.command_)),
      pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)),
      exit_(std::exchange(other.exit_, std::nullopt)) {}

Program& Program::operator=(Program&& other) noexcept {
  std::swap(command_, other.command_);
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(out_, other.out_);
  std::swap(err_, other.err_);
  std::swap(exit_, other.exit_);
  return *this;
}

Program& Program::start() {
  if (alive()) throw std::logic_error("already running: " + command_.argv.at(0));
  close_fd(out_);
  close_fd(err_);
  exit_.reset();
  out_ = anonymous_file();
  err_ = anonymous_file();
  std::array<int, 2> complaint{};
  if (::pipe2(complaint.data(), O_CLOEXEC) != 0) fail(errno, "cannot make a pipe");
  auto env = environment_with(command_.env);
  auto argv = command_.argv;
  int in = input_of(command_.input);
  const Start start{
      pointers_to(argv), pointers_to(env), command_.cwd.empty() ? nullptr : command_.cwd.c_str(), in, out_, err_,
      complaint[1],      ::getpid()};
  pid_ = ::fork();
  if (pid_ == 0) become(start);
  const int fork_error = errno;
  close_fd(in);
  close_fd(complaint[1]);
  int error = 0;
  const bool failed = pid_ < 0 || ::read(complaint[0], &error, sizeof error) > 0;
  close_fd(complaint[0]);
  if (pid_ < 0) fail(fork_error, "cannot fork for " + argv[0]);
  ::setpgid(pid_, pid_);  // the child does it as well: whoever comes first
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (!failed) return *this;
  reap(pid_, 0);
  fail(error, "cannot run " + argv[0]);
}

void Program::reap(pid_t pid, int options) {
  if (pid <= 0 || exit_) return;
  int status = 0;
  if (::waitpid(pid, &status, options) != pid) return;
  exit_ = WIFSIGNALED(status) ? Exit{-1, WTERMSIG(status)} : Exit{WEXITSTATUS(status), 0};
  close_fd(pidfd_);
}

bool Program::alive() {
  reap(pid_, WNOHANG);
  return pid_ > 0 && !exit_;
}

void Program::signal(int number) {
  if (alive()) ::kill(pid_, number);
}

Exit Program::terminate(std::chrono::milliseconds grace) {
  signal(SIGTERM);
  if (const auto exit = wait(grace)) {
    kill();
    return *exit;
  }
  return kill();
}

Exit Program::kill() {
  // The leader may have ended before its children: the group keeps its number as long as one of them is left.
  const pid_t group = std::exchange(pid_, -1);
  if (group > 0) ::kill(-group, SIGKILL);
  reap(group, 0);
  if (group > 0) eventually(std::chrono::seconds(5), [&] { return is_gone(group); });
  return exit_.value_or(Exit{});
}

void Program::freeze() {
  if (!alive()) return;
  ::kill(-pid_, SIGSTOP);
  eventually(std::chrono::seconds(5), [&] { return states_of(pid_).find_first_not_of("TZX") == std::string::npos; });
}

void Program::thaw() {
  if (alive()) ::kill(-pid_, SIGCONT);
}

std::optional<Exit> Program::wait(std::chrono::milliseconds limit) {
  if (alive()) {
    pollfd ended{pidfd_, POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(limit.count()));
    reap(pid_, WNOHANG);
  }
  return exit_;
}

std::string Program::out() const {
  return text_in(out_);
}

std::string Program::err() const {
  return text_in(err_);
}

std::string Program::output() const {
  std::ostringstream end;
  if (exit_)
    end << *exit_;
  else
    end << "running";
  return fmt::format("$ {}\n{}{}[{}]\n", fmt::join(command_.argv, " "), out(), err(), end.str());
}

Ran run(Command command, std::chrono::milliseconds limit) {
  Program program(std::move(command));
  const auto exit = program.start().wait(limit);
  if (!exit) throw std::runtime_error(fmt::format("still running after {} ms: {}", limit.count(), program.output()));
  return {*exit, program.out(), program.err()};
}

}  // namespace shunt::harness
