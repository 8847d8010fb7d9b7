// Columns of text.
#pragma once

#include <string>
#include <vector>

#include "cli/report/style.hpp"

namespace shunt::cli {

/// Rows under a heading, each column as wide as its widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }
  std::string text(const Style& style) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace shunt::cli
