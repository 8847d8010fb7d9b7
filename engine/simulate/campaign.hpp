// Many trials of one strategy: what went wrong, in how few faults it can be shown, and what was never tried.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulate/swarm.hpp"
#include "simulate/trial.hpp"

namespace shunt::simulate {

/// What a strategy's author must look at.
struct Finding {
  std::string kind;  ///< a property's or an invariant's name, "refused", "killed", "broken", "never succeeds"
  std::string what;
  Where where;
  std::uint64_t seed = 0;
  Faults faults;   ///< as few as show it
  Value timeline;  ///< of that trial, as `show` has it, with { kind = "fault" } in it

  Finding() = default;
};

/// Which trials there shall be.
struct Orders {
  int runs = 1'000;
  std::uint64_t seed = 1;
  std::vector<std::string> kinds = fault_names();
  bool crashes = false;     ///< every single crash in place of faults drawn from seeds
  bool exhaustive = false;  ///< every single fault, and every pair where the script is small
  int replay_one_in = 1;    ///< how many of the trials are replayed, too
  unsigned workers = 0;     ///< threads; 0: one for each core

  Orders() = default;
};

struct Outcomes {
  std::vector<Finding> findings;
  int runs = 0;
  int replayed = 0;
  std::int64_t calls = 0;
  std::map<std::string, int> ends;  ///< by state
  std::int64_t requests = 0;
  std::int64_t failed = 0;
  Coverage coverage;                 ///< of the script's lines
  std::map<std::string, int> undos;  ///< of the script: how many trials performed it
  std::string trace;                 ///< the same for the same orders, everywhere
  Course course;

  Outcomes() = default;
};

/// Makes a subject for one thread, which shares nothing that changes with another's.
using MakeSubject = std::function<Subject()>;

/// What it finds does not depend on the number of threads.
Outcomes run_campaign(const MakeSubject& make, const Orders& orders);

/// What is wrong with how a trial went; the first that is.
std::optional<Finding> finding_in(const Report& report);

}  // namespace shunt::simulate
