// Where in a run a Call is made: the name that it has in the journal.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

namespace shunt::effects {

/// A position: the n-th Call of a branch.
struct Position {
  std::string branch;
  std::int64_t index = 0;

  Position() = default;
  Position(std::string branch, std::int64_t index) : branch(std::move(branch)), index(index) {}

  bool operator==(const Position&) const = default;
  bool operator<(const Position& other) const { return std::tie(branch, index) < std::tie(other.branch, other.index); }
};

/// Whether `branch` is `ancestor` or lies below it.
inline bool is_within(const std::string& branch, const std::string& ancestor) {
  return branch.compare(0, ancestor.size(), ancestor) == 0 &&
         (branch.size() == ancestor.size() || branch[ancestor.size()] == '/' || branch[ancestor.size()] == '.');
}

}  // namespace shunt::effects
