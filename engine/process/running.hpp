// A child process from its start to its end.
#pragma once

#include <array>
#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "loop/suspend.hpp"
#include "process/launch.hpp"
#include "shunt/process.hpp"

namespace shunt::process {

/// Feeds, drains and watches one child and settles a completion when all is over. Its callbacks keep it alive. The
/// child is reaped last: until then its process group cannot become somebody else's.
class Running : public std::enable_shared_from_this<Running> {
 public:
  using Ended = loop::Completion<Result<Finished>>;

  Running(Command command, Launched child, Ended completion);

  /// When the loop is torn down around it: kills the group and reaps the child.
  ~Running();

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void begin();

  /// Ends the group: TERM, grace, KILL; the completion then fails as cancelled.
  void cancel();

 private:
  using Clock = std::chrono::steady_clock;

  /// One of the two streams that the child writes.
  struct Output {
    Output(const asio::any_io_executor& executor, int end) : descriptor(executor, end) {}
    asio::posix::stream_descriptor descriptor;
    std::array<char, 8192> buffer;
    std::string text;
    bool open = true;
  };

  enum class Phase {
    running,      ///< the child has not ended and may still
    lingering,    ///< it has ended, a descendant holds its output open
    terminating,  ///< the group was sent TERM
    killing,      ///< the group was sent KILL
    closing,      ///< all is over but for output on its way
    over
  };
  enum class Cause { none, timeout, cancelled };

  void read(Output& output);
  void write();
  void watch();
  void on_exit();
  void take(Output& output, std::size_t size);
  void take_rest(Output& output);
  void close(Output& output);
  void close_output();
  void finish_if_closed();
  void wake_after(Milliseconds delay);
  void on_timer();
  void end_group(Cause cause);
  void look_at_group();
  void signal_group(int number) const;
  void finish();
  void reap();
  Result<Finished> outcome();
  Error timed_out() const;

  Command command_;
  Ended completion_;
  asio::any_io_executor executor_;
  pid_t pid_;
  asio::posix::stream_descriptor watch_;
  std::optional<asio::posix::stream_descriptor> in_;
  Output out_;
  Output err_;
  asio::steady_timer timer_;
  std::size_t written_ = 0;
  Finished finished_;
  Phase phase_ = Phase::running;
  Cause cause_ = Cause::none;
  bool exited_ = false;
  bool reaped_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point phase_end_;
  Milliseconds pause_{0};
};

}  // namespace shunt::process
