// A terminal of one's own, and a program on it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "harness/program.hpp"

namespace shunt::e2e {

/// Runs a program as the leader of a session on a new pseudo-terminal. Its end closes the terminal and kills the
/// program.
class Terminal {
 public:
  /// `env` is set on top of the test's own environment. Throws std::runtime_error when there is no terminal to be had.
  explicit Terminal(const harness::Command& command);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  pid_t pid() const { return pid_; }

  /// What a user types; "\x03" is Ctrl-C.
  void type(const std::string& text);

  /// The window is closed: the program gets SIGHUP, and what it writes from then on fails.
  void hang_up();

  /// How it ended; nothing when it still runs after `limit`.
  std::optional<harness::Exit> wait(std::chrono::milliseconds limit);

  /// What was on the screen so far.
  const std::string& output();

 private:
  void read();

  pid_t pid_ = -1;
  int screen_ = -1;
  std::string output_;
  std::optional<harness::Exit> exit_;
};

}  // namespace shunt::e2e
