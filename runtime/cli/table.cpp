#include <troupe/cli/table.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace troupe::cli {

void Table::append_to(std::string& text) const {
  if (rows_.size() == 1) return;
  if (!text.empty()) text += '\n';
  const auto widths = widths_of_columns();
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
    text += row.back() + '\n';
  }
}

std::vector<std::size_t> Table::widths_of_columns() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

}  // namespace troupe::cli
