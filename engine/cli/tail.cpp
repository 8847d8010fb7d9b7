#include "cli/tail.hpp"

#include <algorithm>

namespace shunt::cli {

std::vector<std::string> Tail::take(std::vector<std::string> now) {
  // The window moved by `moved` lines: what was left of the old one is how the new one begins.
  std::size_t known = 0;
  for (std::size_t moved = 0; moved < before_.size(); ++moved) {
    const auto left = before_.size() - moved;
    if (left <= now.size() &&
        std::equal(before_.begin() + static_cast<std::ptrdiff_t>(moved), before_.end(), now.begin())) {
      known = left;
      break;
    }
  }
  std::vector<std::string> news(now.begin() + static_cast<std::ptrdiff_t>(known), now.end());
  before_ = std::move(now);
  return news;
}

}  // namespace shunt::cli
