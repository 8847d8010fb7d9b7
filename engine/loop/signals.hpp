// Signals of the operating system, delivered on the loop.
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

namespace shunt::loop {

/// Calls `on_signal` on the loop for every SIGINT, SIGTERM and SIGHUP that arrives while it lives (each Ctrl-C counts),
/// in place of their default actions; those are back when it is gone. It keeps the loop from running out of work.
class Signals {
 public:
  Signals(const asio::any_io_executor& executor, std::function<void(int)> on_signal);
  ~Signals();

  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Writing to a pipe or socket that its reader has closed shall be an error, not the end of the program: ignores
/// SIGPIPE unless somebody has set an action for it.
void ignore_broken_pipes();

}  // namespace shunt::loop
