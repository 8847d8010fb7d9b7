#include "supervise/keeper.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace shunt::supervise {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds log_interval{20};    ///< a chatty command wakes the supervisor at most that often
constexpr milliseconds clear_interval{10};  ///< between looks at what is left

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Keeper::Keeper(Spec spec, Log& log) : spec_(std::move(spec)), log_(log), paths_{spec_.folder} {
  witness_.id = spec_.id;
  witness_.ticket = spec_.ticket;
  witness_.sha = spec_.sha;
  witness_.labels = spec_.labels;
  witness_.boot = boot_id();
  witness_.session = ::getsid(0);
  witness_.stop_signal = spec_.stop_signal;
  if (const auto self = entry_of(::getpid())) witness_.supervisor = self->identity;
  sigset_t watched;
  ::sigemptyset(&watched);
  ::sigaddset(&watched, SIGCHLD);
  ::sigaddset(&watched, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

void Keeper::witness_state(const char* state) {
  witness_.state = state;
  replace_file(paths_.witness(), witness_.to_record());
}

std::optional<StartFailure> Keeper::start() {
  auto failure = execute_command();
  if (!failure) return failure;
  witness_.child = {};
  witness_.exit_code = 127;
  witness_state("exited");
  return failure;
}

std::optional<StartFailure> Keeper::execute_command() {
  auto command = Command::fork(spec_, log_.descriptor());
  if (!command) return StartFailure{"fork", errno};
  witness_.child = command->identity();
  witness_.started_ms = wall_clock_ms();
  witness_.state = "starting";
  const bool witnessed = replace_file(paths_.witness(), witness_.to_record());
  // A full disk must not keep a service down that ran already; a first start without a witness would be an orphan.
  if (!witnessed && witness_.restarts == 0) return StartFailure{"witness", errno};
  if (auto failure = command->execute()) return failure;
  life_began_ = Clock::now();
  phase_ = Phase::running;
  witness_state("running");
  return std::nullopt;
}

void Keeper::keep() {
  while (phase_ != Phase::over) {
    std::array<pollfd, 2> watched = {pollfd{signals_, POLLIN, 0}, pollfd{log_.changes(), POLLIN, 0}};
    if (Clock::now() < log_quiet_until_) watched[1].fd = -1;
    ::poll(watched.data(), watched.size(), wait_ms());
    if (watched[1].revents != 0 || log_.changes() < 0) watch_log();
    on_signals();
    reap();
    on_time();
  }
}

int Keeper::wait_ms() const {
  const auto now = Clock::now();
  milliseconds wait(log_.changes() < 0 ? 1'000 : 60'000);
  const auto until = [&](Clock::time_point time) {
    wait = std::min(wait, std::chrono::ceil<milliseconds>(std::max(time - now, Clock::duration::zero())));
  };
  if (phase_ == Phase::clearing) wait = clear_interval;
  if (phase_ == Phase::waiting) until(next_start_);
  if (log_quiet_until_ > now) until(log_quiet_until_);
  return static_cast<int>(wait.count());
}

void Keeper::watch_log() {
  log_.forget_changes();
  log_.rotate_if_long();
  log_quiet_until_ = Clock::now() + log_interval;
}

void Keeper::on_signals() {
  signalfd_siginfo info = {};
  while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo != SIGTERM) continue;
    begin_stop(info.ssi_code == SI_QUEUE ? info.ssi_int : static_cast<int>(spec_.grace_ms));
  }
}

void Keeper::begin_stop(int grace_ms) {
  const auto deadline = Clock::now() + milliseconds(std::max(grace_ms, 0));
  if (stopping_) {
    deadline_ = std::min(deadline_, deadline);
    return;
  }
  stopping_ = true;
  witness_.stopping = true;
  if (phase_ == Phase::running) {
    // Its number cannot have passed to somebody else: it has not been reaped yet.
    ::kill(-witness_.child.pid, spec_.stop_signal);
    ::kill(-witness_.child.pid, SIGCONT);
    phase_ = Phase::clearing;
    deadline_ = deadline;
  } else if (phase_ == Phase::clearing) {
    deadline_ = std::min(deadline_, deadline);
  } else {
    life_is_over();
    return;
  }
  replace_file(paths_.witness(), witness_.to_record());
}

void Keeper::reap() {
  // The command first, and its group while the dead command still holds the number.
  siginfo_t ended = {};
  if (witness_.child.pid > 0 &&
      ::waitid(P_PID, static_cast<id_t>(witness_.child.pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      ended.si_pid == witness_.child.pid) {
    ::kill(-witness_.child.pid, spec_.stop_signal);
    ::kill(-witness_.child.pid, SIGCONT);
    int status = 0;
    ::waitpid(witness_.child.pid, &status, 0);
    end_of_command(status);
  }
  while (true) {
    siginfo_t other = {};
    if (::waitid(P_ALL, 0, &other, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno == ECHILD && phase_ == Phase::clearing) life_is_over();
      return;
    }
    if (other.si_pid == 0 || other.si_pid == witness_.child.pid) return;
    ::waitpid(other.si_pid, nullptr, 0);
    asked_.erase(other.si_pid);
  }
}

void Keeper::end_of_command(int status) {
  witness_.exit_code = exit_code_of(status);
  witness_.child = {};
  life_ = std::chrono::duration_cast<milliseconds>(Clock::now() - life_began_);
  if (phase_ == Phase::running) {
    phase_ = Phase::clearing;
    deadline_ = Clock::now() + milliseconds(spec_.grace_ms);
  }
  witness_state(spec_.restart && !stopping_ ? "restarting" : "ending");
}

void Keeper::life_is_over() {
  asked_.clear();
  if (stopping_ || !spec_.restart) {
    phase_ = Phase::over;
    witness_state("exited");
    return;
  }
  phase_ = Phase::waiting;
  next_start_ = Clock::now() + backoff_.after_life_of(life_);
}

void Keeper::clear() {
  const bool kill = Clock::now() >= deadline_;
  if (kill && witness_.child.pid > 0) ::kill(-witness_.child.pid, SIGKILL);
  // Only children of our own are signalled: nobody but us can free their numbers. What is below them becomes ours when
  // they have gone, and has its turn in the next round.
  for (const pid_t child : children_of(::getpid())) {
    if (kill) {
      ::kill(child, SIGKILL);
    } else if (witness_.child.pid == 0 && asked_.insert(child).second) {
      ::kill(child, spec_.stop_signal);
      ::kill(child, SIGCONT);
    }
  }
}

void Keeper::on_time() {
  if (phase_ == Phase::clearing) clear();
  if (phase_ != Phase::waiting || Clock::now() < next_start_) return;
  ++witness_.restarts;
  const auto failure = execute_command();
  if (!failure) return;
  log_.add_line("shunt-supervise: cannot start '" + spec_.argv.front() + "' again: " + std::strerror(failure->error));
  life_began_ = Clock::now();
  if (witness_.child.pid > 0)
    phase_ = Phase::running;  // the failed child is reaped like any other end
  else
    next_start_ = Clock::now() + backoff_.after_life_of(milliseconds(0));
}

}  // namespace shunt::supervise
