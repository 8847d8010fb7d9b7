// A program that somebody else started, and shunt took over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shunt/runtime.hpp"
#include "supervise/process_table.hpp"
#include "supervise/witness.hpp"

namespace shunt::adapters::process {

/// What is written down about it: the file `adopted` in the instance's folder. It is known by its number and start
/// time, so another program that comes after it is a stranger.
struct Adopted {
  std::string id;
  std::vector<std::string> labels;  ///< "NAME=VALUE"
  supervise::Identity process;      ///< the program that listens, or the one above it that does
  std::string boot;                 ///< after a restart of the machine the number is stale
  std::int64_t started_ms = 0;
  bool may_stop = false;
  int stop_signal = 15;

  bool lives() const;
};

/// Nothing when there is none.
std::optional<Adopted> read_adopted(const supervise::Paths& paths);

/// SH1404 when it cannot be written.
Result<void> write_adopted(const supervise::Paths& paths, const Adopted& adopted);

void forget_adopted(const supervise::Paths& paths);

InstanceState describe(const Adopted& adopted);

/// Ends it and everything below it: its stop signal, `grace`, KILL; SH1403 when something survives.
Task<Result<void>> stop_adopted(Adopted adopted, Milliseconds grace);

}  // namespace shunt::adapters::process
