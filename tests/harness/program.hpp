// Programs that a test runs: in a process group of their own, ended with the object, what they print kept.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shunt::harness {

/// How a program ended: `code` when it exited (signal is 0), or the number of the signal that ended it (code is -1).
struct Exit {
  int code = 0;
  int signal = 0;
  bool operator==(const Exit&) const = default;
};

/// "exit 3", "signal 9".
std::ostream& operator<<(std::ostream& out, const Exit& exit);

/// What to run.
struct Command {
  std::vector<std::string> argv;             ///< argv[0] is looked for in PATH
  std::map<std::string, std::string> env{};  ///< set on top of the environment of the test; "" removes a variable
  std::filesystem::path cwd{};               ///< empty: that of the test
  std::string input{};                       ///< its standard input, at most 64 KiB; none: /dev/null
};

/// One program, at most one process of it at a time. It is killed when the thread that started it ends, however that
/// happens. Not for use by several threads.
class Program {
 public:
  explicit Program(Command command);
  ~Program();  ///< kill()
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;

  /// Runs it. Throws std::system_error when that cannot be done (no such program, no such folder) and std::logic_error
  /// while it runs already. What an earlier run printed is forgotten.
  Program& start();

  pid_t pid() const { return pid_; }  ///< -1 before start() and after kill()
  bool alive();

  /// Sends a signal to the process alone; nothing when it has ended.
  void signal(int number);

  /// Asks the process to end (TERM), kills its group after `grace`; how it ended.
  Exit terminate(std::chrono::milliseconds grace = std::chrono::seconds(5));

  /// Kills the whole process group, and returns when it is gone.
  Exit kill();

  /// Stops the whole group, and returns when it is stopped; lets it go on.
  void freeze();
  void thaw();

  /// How it ended; nothing when it still runs after `limit`.
  std::optional<Exit> wait(std::chrono::milliseconds limit);

  std::string out() const;     ///< its standard output so far
  std::string err() const;     ///< its standard error so far
  std::string output() const;  ///< both, with the command line above and how it ended: for messages of failed tests

 private:
  void reap(pid_t pid, int options);

  Command command_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::optional<Exit> exit_;
};

/// What a program that has ended left.
struct Ran {
  Exit exit;
  std::string out;
  std::string err;
  int code() const { return exit.code; }
  std::string output() const { return out + err; }
};

/// Runs a program to its end. Throws std::runtime_error, with what it had printed, when it still runs after `limit`.
Ran run(Command command, std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace shunt::harness
