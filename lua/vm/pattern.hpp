// Lua patterns, matched with a bound on the work.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "vm/budget.hpp"

namespace shunt::lua {

/// One capture: a range of the subject, or a position in it.
struct Capture {
  std::size_t begin = 0;
  std::size_t size = 0;
  bool position = false;
};

/// Matches one pattern against one subject. Every step is charged to the budget; nothing is allocated.
class Pattern {
 public:
  enum class Result { no_match, match, malformed, exhausted };

  static constexpr int most_captures = 32;

  /// `anchored` patterns (that began with ^) are given without the ^.
  Pattern(std::string_view pattern, std::string_view subject, Budget& budget)
      : pattern_(pattern), subject_(subject), budget_(budget) {}

  /// Tries at exactly `begin`.
  Result match_at(std::size_t begin);

  /// Tries at `begin` and everywhere behind it.
  Result find_from(std::size_t begin, bool anchored);

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  int captures() const { return open_; }
  const Capture& capture(int index) const { return captures_[static_cast<std::size_t>(index)]; }

  /// What is wrong with the pattern.
  const char* problem() const { return problem_; }

  /// Charges the steps that were not charged yet. False: over the limit.
  bool settle();

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::size_t unclosed = static_cast<std::size_t>(-2);
  static constexpr int deepest = 200;
  static constexpr std::int64_t quantum = 4096;

  bool step();
  std::size_t wrong(const char* problem);
  bool failed() const { return problem_ != nullptr || exhausted_; }

  std::size_t run(std::size_t at, std::size_t item);
  std::size_t run_inside(std::size_t at, std::size_t item);
  std::size_t open(std::size_t at, std::size_t item);
  std::size_t close(std::size_t at, std::size_t item);
  std::size_t greedy(std::size_t at, std::size_t item, std::size_t item_end);
  std::size_t lazy(std::size_t at, std::size_t item, std::size_t item_end);
  std::size_t balanced(std::size_t at, std::size_t item);
  std::size_t repeated(std::size_t at, std::size_t item);
  bool frontier(std::size_t at, std::size_t set, std::size_t set_end);

  std::size_t end_of_item(std::size_t item);
  bool one(std::size_t at, std::size_t item, std::size_t item_end);
  bool in_set(unsigned char byte, std::size_t set, std::size_t set_end);

  std::string_view pattern_;
  std::string_view subject_;
  Budget& budget_;
  std::array<Capture, most_captures> captures_{};
  int open_ = 0;
  int depth_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::int64_t steps_ = 0;
  bool exhausted_ = false;
  const char* problem_ = nullptr;
};

}  // namespace shunt::lua
