// One instance as its files and the process table tell it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shunt/runtime.hpp"
#include "supervise/witness.hpp"

namespace shunt::adapters::process {

enum class Life {
  none,        ///< there is no such instance
  starting,    ///< a supervisor lives and has not written its witness yet
  supervised,  ///< a supervisor lives
  orphaned,    ///< the supervisor is gone, something of the instance lives
  ended,       ///< only files are left
};

/// What was found, at one moment.
struct Instance {
  Life life = Life::none;
  supervise::Spec spec;                      ///< what was asked for; without values of the environment
  supervise::Witness witness;                ///< empty for none and starting
  std::vector<supervise::Identity> orphans;  ///< when orphaned: all that lives of it
};

/// The folder of an instance: bytes that do not belong into a file name become %XX.
supervise::Paths paths_of(const std::filesystem::path& folder, const std::string& id);

/// Looks. Takes no lock; some 50 us, and a few ms where a supervisor was killed (the whole process table is read).
Instance look_at(const supervise::Paths& paths);

InstanceState describe(const Instance& instance);

/// The run it belongs to.
std::string run_of(const Instance& instance);

/// Removes what says that the instance exists: spec and witness; with `output`, its logs too. False when a supervisor
/// lives (perhaps only since just now): look again.
bool forget(const supervise::Paths& paths, bool output);

}  // namespace shunt::adapters::process
