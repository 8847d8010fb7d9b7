// How a story goes when nobody dies, and the check that it goes the same way when somebody does.
#pragma once

#include <array>

#include "config/test_size.hpp"
#include "rehearsal.hpp"

namespace shunt::crash {

/// Every bundled strategy, with a good and a bad version; and the routines of verbs.
std::vector<Story> stories();

struct Reference {
  std::string state;
  std::vector<std::string> effects;
  int steps = 0;  ///< with an effect
  int calls = 0;

  explicit Reference(const Story& story);
};

/// Runs it with these deaths: it ends as it would have, with the same effects, and nobody is hurt.
void check_one(const Story& story, const Reference& reference, const std::vector<Death>& deaths);
void check_one(Rehearsal& rehearsal, const Story& story, const Reference& reference, const std::vector<Death>& deaths);

constexpr std::array<Cut, 5> around_a_step = {Cut::before_intent, Cut::after_intent, Cut::reply_lost,
                                              Cut::before_commit, Cut::after_commit};

}  // namespace shunt::crash
