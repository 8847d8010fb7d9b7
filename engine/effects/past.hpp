// What a run did before it was interrupted, entry by entry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "effects/position.hpp"
#include "shunt/call.hpp"
#include "store/store.hpp"

namespace shunt::effects {

/// The journal of an earlier life, read once from its beginning. Everything above the waist follows from deliveries, so
/// the same deliveries must record the same entries.
class Past {
 public:
  Past() = default;
  explicit Past(std::vector<store::Entry> entries) : entries_(std::move(entries)) {}

  bool over() const { return next_ >= entries_.size(); }

  /// Only while it is not over.
  const store::Entry& next() const { return entries_.at(next_); }
  void pass() { ++next_; }

  /// The seq of the next entry, which is passed, if it is this one: same kind, position, verb and arguments. Otherwise
  /// SH1941 with both sides.
  Result<std::int64_t> match(const std::string& kind, const Position& at, const Call& call);

  const std::vector<store::Entry>& entries() const { return entries_; }

 private:
  std::vector<store::Entry> entries_;
  std::size_t next_ = 0;
};

/// What that entry says came of its Call.
Outcome outcome_in(const store::Entry& entry);

/// The effects that were begun and not known to have ended, in order: their intents.
std::vector<store::Entry> in_doubt(const std::vector<store::Entry>& entries);

}  // namespace shunt::effects
