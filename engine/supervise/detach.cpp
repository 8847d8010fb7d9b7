#include "supervise/detach.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "supervise/command.hpp"

namespace shunt::supervise {

namespace {

constexpr int last_descriptor = 65'536;

void close_descriptors(int first, int last) {
  if (last < first || ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0) return;
  for (int descriptor = first; descriptor <= std::min(last, last_descriptor); ++descriptor) ::close(descriptor);
}

/// What is kept is moved to 3, so that one sweep closes all others.
int keep_only(int descriptor) {
  constexpr int kept = 3;
  if (descriptor != kept) ::dup3(descriptor, kept, O_CLOEXEC);
  close_descriptors(kept + 1, ~0U >> 1);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, standard);
  ::close(nothing);
  return kept;
}

void stand_alone() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2})
    ::signal(number, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  leave_no_core();
  if (::chdir("/") != 0) ::_exit(1);
}

}  // namespace

std::string read_to_end(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  ssize_t count = 0;
  while ((count = ::read(descriptor, part.data(), part.size())) > 0 || (count < 0 && errno == EINTR))
    if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
  return text;
}

void report(int status, const Record& record) {
  const auto bytes = encode(record);
  if (::write(status, bytes.data(), bytes.size()) < 0) return;  // nobody is waiting for it any more
}

Record run_detached(const std::function<void(int status)>& life) {
  ::signal(SIGCHLD, SIG_DFL);  // ignoring it is inherited, and would hide how children end
  std::array<int, 2> status = {-1, -1};
  if (::pipe2(status.data(), O_CLOEXEC) != 0) return {};
  const pid_t leader = ::fork();
  if (leader == 0) {
    if (::setsid() < 0) ::_exit(1);
    // Not the leader of its session: it can never get a terminal by opening one.
    if (::fork() != 0) ::_exit(0);
    stand_alone();
    life(keep_only(status[1]));
    ::_exit(0);
  }
  ::close(status[1]);
  const auto told = decode(read_to_end(status[0]));
  ::close(status[0]);
  if (leader > 0) ::waitpid(leader, nullptr, 0);
  return told.value_or(Record());
}

}  // namespace shunt::supervise
