// Starting a child process.
#pragma once

#include <sys/types.h>
#include <string>
#include <utility>

#include "shunt/error.hpp"
#include "shunt/process.hpp"

namespace shunt::process {

/// A descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// A child that runs, leader of its own process group, and the parent's ends of what connects them.
struct Launched {
  pid_t pid = 0;
  Descriptor watch;  ///< pidfd: readable once the child has ended
  Descriptor in;     ///< none when the command has no input (the child then reads /dev/null)
  Descriptor out;
  Descriptor err;
};

/// Starts it; the caller must reap it. SH1711 says why it could not be started.
Result<Launched> launch(const Command& command);

/// The file that `name` means for a command with this PATH and folder: itself if it has a slash, else the first
/// executable file of that name in PATH. Error: errno, ENOENT or EACCES.
struct Found {
  std::string path;
  int error = 0;
};
Found find_program(const std::string& name, const std::string& path, const std::string& cwd);

}  // namespace shunt::process
