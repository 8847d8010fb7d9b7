#include "loop/signals.hpp"

#include <asio/signal_set.hpp>
#include <csignal>
#include <utility>

namespace shunt::loop {

struct Signals::State : std::enable_shared_from_this<Signals::State> {
  State(const asio::any_io_executor& executor, std::function<void(int)> on_signal)
      : set(executor, SIGINT, SIGTERM, SIGHUP), on_signal(std::move(on_signal)) {}

  asio::signal_set set;
  std::function<void(int)> on_signal;
  bool stopped = false;

  void wait() {
    set.async_wait([self = shared_from_this()](const asio::error_code& error, int number) {
      if (error || self->stopped) return;
      self->wait();  // first, so that a callback which destroys the Signals cancels this wait too
      self->on_signal(number);
    });
  }
};

Signals::Signals(const asio::any_io_executor& executor, std::function<void(int)> on_signal)
    : state_(std::make_shared<State>(executor, std::move(on_signal))) {
  state_->wait();
}

Signals::~Signals() {
  state_->stopped = true;
  state_->set.clear();
  state_->set.cancel();
}

void ignore_broken_pipes() {
  struct sigaction action {};
  if (::sigaction(SIGPIPE, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace shunt::loop
