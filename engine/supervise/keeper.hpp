// Keeping one command running until it is told to end.
#pragma once

#include <chrono>
#include <optional>
#include <set>

#include "supervise/backoff.hpp"
#include "supervise/command.hpp"
#include "supervise/log.hpp"
#include "supervise/witness.hpp"

namespace shunt::supervise {

/// The supervisor's loop. SIGTERM ends it: the value sent with it (sigqueue) is the grace in ms, none means that of the
/// spec. Everything the command left behind is its own child sooner or later (PR_SET_CHILD_SUBREAPER), so when it has
/// no children, nothing is left.
class Keeper {
 public:
  Keeper(Spec spec, Log& log);

  /// The first start: witness, then execution.
  std::optional<StartFailure> start();

  /// Until all is over; the witness says how it ended.
  void keep();

 private:
  using Clock = std::chrono::steady_clock;

  /// `clearing`: the command has ended (or must), everything it started is being ended, too.
  enum class Phase { running, clearing, waiting, over };

  std::optional<StartFailure> execute_command();
  void end_of_command(int status);
  void begin_stop(int grace_ms);
  void reap();
  void clear();
  void life_is_over();
  void on_signals();
  void on_time();
  void watch_log();
  int wait_ms() const;
  void witness_state(const char* state);

  Spec spec_;
  Log& log_;
  Paths paths_;
  Witness witness_;
  Backoff backoff_;
  Phase phase_ = Phase::waiting;
  bool stopping_ = false;
  Clock::time_point life_began_;
  std::chrono::milliseconds life_{0};  ///< how long the last one was
  Clock::time_point deadline_;         ///< of `clearing`: KILL from then on
  Clock::time_point next_start_;
  Clock::time_point log_quiet_until_;
  std::set<pid_t> asked_;  ///< leftovers that got the stop signal
  int signals_ = -1;
};

}  // namespace shunt::supervise
