#include <troupe/topology/value.hpp>

#include <algorithm>
#include <array>

namespace troupe::topology {

std::string_view type_name(const Value& value) {
  static constexpr std::array<std::string_view, 7> names = {"a string", "a whole number", "a fraction", "true or false",
                                                            "a date",   "a list",         "a table"};
  return names.at(value.data.index());
}

const Entry* find(const Table& table, std::string_view key) {
  const auto found = std::ranges::find(table, key, &Entry::key);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace troupe::topology
