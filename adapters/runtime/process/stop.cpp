#include "adapters/runtime/process/stop.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>

#include "loop/sleep.hpp"

namespace shunt::adapters::process {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Milliseconds kill_margin{5'000};  ///< KILL takes no longer, except for what hangs inside the kernel

/// Between looks: short at first, because most programs end at once.
class Pause {
 public:
  Milliseconds next() { return std::exchange(next_, std::min(next_ * 2, Milliseconds(20))); }

 private:
  Milliseconds next_{1};
};

/// One attempt to end one instance.
class Ending {
 public:
  Ending(std::string id, Milliseconds grace)
      : id_(std::move(id)), grace_(grace), kill_(Clock::now() + grace), give_up_(kill_ + kill_margin) {}

  /// Does what can be done now. An error when nothing can be.
  Result<void> advance(const Instance& instance) {
    if (Clock::now() >= give_up_) return survives(instance);
    if (instance.life == Life::supervised) return tell_supervisor(instance);
    if (instance.life == Life::orphaned) return end_orphans(instance);
    return {};
  }

 private:
  Result<void> tell_supervisor(const Instance& instance) {
    const auto& supervisor = instance.witness.supervisor;
    if (told_ == supervisor) return {};
    const auto grace = std::min<std::int64_t>(grace_.count(), std::numeric_limits<int>::max());
    const bool sent = supervise::send_signal(supervisor, SIGTERM, static_cast<int>(grace));
    if (!sent && errno != ESRCH) return refused(supervisor.pid);
    if (sent) {
      told_ = supervisor;
      supervise::send_signal(supervisor, SIGCONT);  // a stopped one would never hear it
    }
    return {};
  }

  Result<void> end_orphans(const Instance& instance) {
    const bool kill = Clock::now() >= kill_;
    for (const auto& orphan : instance.orphans) {
      const bool asked = std::find(asked_.begin(), asked_.end(), orphan) != asked_.end();
      if (asked && !kill) continue;
      if (!supervise::send_signal(orphan, kill ? SIGKILL : instance.witness.stop_signal) && errno != ESRCH)
        return refused(orphan.pid);
      supervise::send_signal(orphan, SIGCONT);
      if (!asked) asked_.push_back(orphan);
    }
    return {};
  }

  Error refused(pid_t pid) const {
    const std::string reason = std::strerror(errno);
    return Error("SH1403", Kind::adapter,
                 fmt::format("cannot stop {}: process {} may not be signalled: {}", id_, pid, reason),
                 "run shunt as the user that started it");
  }

  Error survives(const Instance& instance) const {
    const auto pid = instance.witness.child.pid > 0 ? instance.witness.child.pid : instance.witness.supervisor.pid;
    return Error(
        "SH1403", Kind::adapter,
        fmt::format("{} is still there {} after its grace was over (process {})", id_, to_text(kill_margin), pid),
        fmt::format("look at process {} (`ps -o pid,stat,wchan,args -p {}`), end it, and try again", pid, pid));
  }

  std::string id_;
  Milliseconds grace_;
  Clock::time_point kill_;
  Clock::time_point give_up_;
  supervise::Identity told_;
  std::vector<supervise::Identity> asked_;
};

}  // namespace

Task<Result<void>> stop_instance(supervise::Paths paths, std::string id, Milliseconds grace) {
  Ending ending(std::move(id), std::max(grace, Milliseconds(0)));
  Pause pause;
  while (true) {
    const auto instance = look_at(paths);
    const bool is_gone = instance.life == Life::none || instance.life == Life::ended;
    if (is_gone && forget(paths, false)) co_return Result<void>();
    auto advanced = ending.advance(instance);
    if (!advanced) co_return std::move(advanced).error();
    co_await loop::sleep(pause.next());
  }
}

Task<Instance> settled(supervise::Paths paths, Milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  Pause pause;
  while (true) {
    auto instance = look_at(paths);
    const auto& witness = instance.witness;
    const bool ends = witness.stopping || witness.state == "ending" || witness.state == "exited";
    const bool changes = instance.life == Life::starting || (instance.life == Life::supervised && ends);
    if (!changes || Clock::now() >= deadline) co_return instance;
    co_await loop::sleep(pause.next());
  }
}

}  // namespace shunt::adapters::process
