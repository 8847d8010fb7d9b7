// The lock that says "a supervisor lives". It belongs to an open file, so it ends with the process, however that ends.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace shunt::supervise {

/// Holds a lock until it is destroyed. Movable.
class Lock {
 public:
  /// Takes the lock on the file `path` (made with mode 0600 when absent) without waiting; nothing when somebody else
  /// has it or the file cannot be opened. A child that was forked, but has not executed another program yet, shares it.
  static std::optional<Lock> take(const std::string& path);

  /// Whether somebody has it. Looking never takes it.
  static bool is_held(const std::string& path);

  Lock(Lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();

  int descriptor() const { return file_; }

 private:
  explicit Lock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace shunt::supervise
