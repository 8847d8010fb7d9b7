// What happened in a deployment, in order, for `show` and for reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/report/style.hpp"
#include "shunt/value.hpp"

namespace shunt::cli {

/// One line of a timeline.
struct Moment {
  enum class Sort { step, decision, operator_said, hook, fault };

  std::int64_t seq = 0;       ///< of the journal entry that began it
  std::int64_t at_ms = 0;     ///< since the beginning of the deployment
  std::int64_t took_ms = -1;  ///< -1 while it runs, or where nothing takes time
  int depth = 0;              ///< 0 for what the strategy itself called
  Sort sort = Sort::step;
  std::string label;
  std::string error;  ///< why it failed
};

/// Traffic as it was told to a proxy at some moment.
struct Told {
  std::int64_t at_ms = 0;
  std::string service;
  std::int64_t blue = 0;
  std::int64_t green = 0;
};

/// The steps, decisions, operators' words, hooks and simulated faults of a `show` document's timeline; intents and
/// their results become one.
std::vector<Moment> moments_of(const Value& timeline);

/// The shares that the proxies were given, in order.
std::vector<Told> shares_of(const Value& timeline);

/// "   0.312s  shift to 10 %   0.3s".
std::string moment_text(const Moment& moment, const Style& style);

}  // namespace shunt::cli
