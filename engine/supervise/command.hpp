// Starting the command: in a process group of its own, with a moment between birth and execution.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "supervise/process_table.hpp"
#include "supervise/witness.hpp"

namespace shunt::supervise {

/// Why a start failed. `stage` is one of "spec", "lock", "called-off", "log", "witness", "fork", "cwd", "exec".
struct StartFailure {
  std::string stage;
  int error = 0;  ///< errno

  Record to_record() const;
};

/// A child that was born but does not execute the command until it is told to; it ends when this object goes without
/// that.
class Command {
 public:
  /// Forks. The child's output goes to `output`; its environment is the caller's with `spec.env` on top.
  static std::optional<Command> fork(const Spec& spec, int output);

  Command(Command&& other) noexcept;
  Command& operator=(Command&&) = delete;
  ~Command();

  Identity identity() const { return identity_; }

  /// Lets it execute; returns once it has (nothing), or could not.
  std::optional<StartFailure> execute();

 private:
  Command() = default;
  Identity identity_;
  int go_ = -1;
  int report_ = -1;
};

/// Keeps the memory of this process, which holds secrets, out of core files. Commands have the setting that was found.
void leave_no_core();

/// Variables by which CI runners (and we) find what belongs to a job or an instance: a supervisor drops those of its
/// caller.
extern const std::vector<std::string> runner_marks;

/// Removes them from this process, also from what /proc shows of it.
void drop_runner_marks();

}  // namespace shunt::supervise
