#include "process/running.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <asio/buffer.hpp>
#include <cerrno>
#include <csignal>

#include "process/identity.hpp"

namespace shunt::process {

namespace {

/// A group that was killed is gone in microseconds; one stuck in the kernel is not waited for longer than this.
constexpr Milliseconds kill_limit{5'000};
constexpr Milliseconds first_look{2};
constexpr Milliseconds longest_pause{100};
constexpr std::size_t tail_size = 2048;

std::string tail(const std::string& text) {
  return text.size() <= tail_size ? text : text.substr(text.size() - tail_size);
}

}  // namespace

Running::Running(Command command, Launched child, Ended completion)
    : command_(std::move(command)),
      completion_(std::move(completion)),
      executor_(completion_.executor()),
      pid_(child.pid),
      watch_(executor_, child.watch.release()),
      out_(executor_, child.out.release()),
      err_(executor_, child.err.release()),
      timer_(executor_) {
  if (child.in) in_.emplace(executor_, child.in.release());
}

Running::~Running() {
  if (reaped_) return;
  signal_group(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Running::begin() {
  wake_after(command_.timeout);
  watch();
  read(out_);
  read(err_);
  if (in_) write();
}

void Running::cancel() {
  if (phase_ == Phase::running || phase_ == Phase::lingering) end_group(Cause::cancelled);
  if (phase_ == Phase::terminating || phase_ == Phase::killing) cause_ = Cause::cancelled;
}

void Running::read(Output& output) {
  output.descriptor.async_read_some(asio::buffer(output.buffer), [self = shared_from_this(), &output](
                                                                     const asio::error_code& error, std::size_t size) {
    self->take(output, size);
    if (!error && self->phase_ != Phase::closing) return self->read(output);
    if (self->phase_ == Phase::closing) self->take_rest(output);
    self->close(output);
    self->finish_if_closed();
  });
}

void Running::write() {
  const auto rest = asio::buffer(command_.input) + written_;
  in_->async_write_some(rest, [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
    if (self->phase_ == Phase::over) return;
    self->written_ += size;
    // A child that closes its input early is no failure: `head` does.
    if (error || self->written_ == self->command_.input.size())
      self->in_.reset();
    else
      self->write();
  });
}

void Running::watch() {
  watch_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const asio::error_code& error) {
                      if (!error) self->on_exit();
                    });
}

void Running::on_exit() {
  exited_ = true;
  if (phase_ == Phase::running) {
    phase_ = Phase::lingering;
    wake_after(command_.grace);
    finish_if_closed();
  } else if (phase_ == Phase::terminating || phase_ == Phase::killing) {
    look_at_group();
  }
}

void Running::take(Output& output, std::size_t size) {
  const std::size_t room = command_.max_output - std::min(command_.max_output, output.text.size());
  output.text.append(output.buffer.data(), std::min(size, room));
  if (size > room) finished_.truncated = true;
}

/// What the pipe still holds; whoever keeps it open does not get to write for ever.
void Running::take_rest(Output& output) {
  constexpr int most_reads = 32;
  for (int i = 0; i < most_reads; ++i) {
    const auto size = ::read(output.descriptor.native_handle(), output.buffer.data(), output.buffer.size());
    if (size <= 0) break;
    take(output, static_cast<std::size_t>(size));
  }
}

void Running::close(Output& output) {
  asio::error_code ignored;
  output.descriptor.close(ignored);
  output.open = false;
}

/// Waits no longer for the end of the output. Reads that have completed are delivered first, in their order.
void Running::close_output() {
  phase_ = Phase::closing;
  timer_.cancel();
  if (out_.open) out_.descriptor.cancel();
  if (err_.open) err_.descriptor.cancel();
  finish_if_closed();
}

void Running::finish_if_closed() {
  if ((phase_ == Phase::lingering || phase_ == Phase::closing) && !out_.open && !err_.open) finish();
}

void Running::wake_after(Milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    // An expiry that was already on its way when the timer was set anew is not this one's.
    if (!error && self->timer_.expiry() <= Clock::now()) self->on_timer();
  });
}

void Running::on_timer() {
  switch (phase_) {
    case Phase::running:
      return end_group(Cause::timeout);
    case Phase::lingering:
      return close_output();
    case Phase::terminating:
    case Phase::killing:
      return look_at_group();
    case Phase::closing:
    case Phase::over:
      return;
  }
}

void Running::end_group(Cause cause) {
  cause_ = cause;
  phase_ = Phase::terminating;
  phase_end_ = Clock::now() + command_.grace;
  pause_ = first_look;
  signal_group(SIGTERM);
  signal_group(SIGCONT);  // a stopped process acts on TERM only when it goes on
  wake_after(std::min(pause_, command_.grace));
}

/// The pidfd tells when the child itself has ended; for the rest of its group one has to look.
void Running::look_at_group() {
  if (exited_ && !group_is_alive(pid_)) return close_output();
  const auto now = Clock::now();
  if (now >= phase_end_) {
    if (phase_ == Phase::killing) return close_output();
    phase_ = Phase::killing;
    phase_end_ = now + kill_limit;
    pause_ = first_look;
    signal_group(SIGKILL);
  }
  const auto left = std::chrono::ceil<Milliseconds>(phase_end_ - now);
  wake_after(std::min(exited_ ? pause_ : longest_pause, left));
  pause_ = std::min(pause_ * 2, longest_pause);
}

void Running::signal_group(int number) const {
  ::kill(-pid_, number);
}

void Running::finish() {
  phase_ = Phase::over;
  in_.reset();
  reap();
  timer_.cancel();
  asio::error_code ignored;
  watch_.close(ignored);
  if (cause_ == Cause::cancelled) return completion_.fail(loop::cancellation());
  completion_.succeed(outcome());
}

void Running::reap() {
  reaped_ = true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
  finished_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  finished_.code = finished_.signal != 0 ? 128 + finished_.signal : WEXITSTATUS(status);
}

Result<Finished> Running::outcome() {
  if (cause_ == Cause::timeout) return timed_out();
  finished_.out = std::move(out_.text);
  finished_.err = std::move(err_.text);
  finished_.elapsed = std::chrono::duration_cast<Milliseconds>(Clock::now() - started_);
  return std::move(finished_);
}

Error Running::timed_out() const {
  const auto& name = command_.argv.front();
  const bool stuck = !exited_;
  auto message = fmt::format("{} did not finish within {} and was {}", name, to_text(command_.timeout),
                             stuck ? fmt::format("killed, but process {} is still there", pid_) : "ended");
  Error error("SH1712", Kind::timeout, std::move(message), "find out what it waits for, or give it a longer timeout");
  error.retryable = true;
  error.evidence = {{"stdout", tail(out_.text)}, {"stderr", tail(err_.text)}};
  return error;
}

}  // namespace shunt::process
