#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace troupe::cli {

/// Columns under a heading, each as wide as it needs.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }

  /// A row may end early; its last cell then takes all the room that is left.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// Nothing where it has no row.
  void append_to(std::string& text) const;

 private:
  std::vector<std::size_t> widths_of_columns() const;

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace troupe::cli
