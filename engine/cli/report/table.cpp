#include "cli/report/table.hpp"

#include <algorithm>

#include "cli/report/text.hpp"

namespace shunt::cli {

std::string Table::text(const Style& style) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    if (row.size() > widths.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (std::size_t number = 0; number < rows_.size(); ++number) {
    const auto& row = rows_[number];
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i] + (i + 1 < row.size() ? 2 : 0));
    line.erase(line.find_last_not_of(' ') + 1);
    text += (number == 0 ? style.bold(line) : line) + "\n";
  }
  return text;
}

}  // namespace shunt::cli
