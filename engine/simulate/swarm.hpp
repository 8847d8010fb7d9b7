// Faults drawn from a seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulate/fault.hpp"
#include "spec/deployment.hpp"

namespace shunt::simulate {

/// How a deployment goes when nothing is wrong: what there is to disturb.
struct Course {
  std::map<std::string, int> verbs;  ///< how often each Call with an answer is made
  int calls = 0;
  int steps = 0;
  std::int64_t elapsed_ms = 0;

  Course() = default;
};

/// Up to four faults of a random half of `kinds` (names as in `fault_names`): what is left out of a draw is as telling
/// as what is in it. The same seed gives the same faults on every machine.
Faults draw(const Deployment& deployment, const Course& course, const std::vector<std::string>& kinds,
            std::uint64_t seed);

/// Every single fault of those kinds that is worth a trial of its own.
std::vector<Fault> every_fault(const Deployment& deployment, const Course& course,
                               const std::vector<std::string>& kinds);

/// The engine dies once: around each step, and before each Call.
std::vector<Fault> every_crash(const Course& course);

}  // namespace shunt::simulate
