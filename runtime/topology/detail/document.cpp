#include "runtime/topology/detail/document.hpp"

// The only translation unit that sees toml++. One of its assertions fails on bad input ("[[["), although an error for
// that input follows in its code: so its assertions are off.
#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace troupe::topology::detail {
namespace {

Position position_of(const toml::source_region& region) {
  return {std::max<std::uint32_t>(region.begin.line, 1), std::max<std::uint32_t>(region.begin.column, 1)};
}

Value convert(const toml::node& node);

Table convert_table(const toml::table& table) {
  Table entries;
  entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), position_of(key.source()), convert(node)});
  }
  // toml++ sorts by name, people read from top to bottom.
  std::ranges::stable_sort(entries, {}, &Entry::at);
  return entries;
}

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return std::move(out).str();
}

Value convert(const toml::node& node) {
  Value value;
  value.at = position_of(node.source());
  if (const auto* table = node.as_table()) {
    value.data = convert_table(*table);
  } else if (const auto* array = node.as_array()) {
    Array items;
    items.reserve(array->size());
    for (const auto& item : *array) items.push_back(convert(item));
    value.data = std::move(items);
  } else if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.data = number->get();
  } else if (const auto* truth = node.as_boolean()) {
    value.data = truth->get();
  } else if (const auto* date = node.as_date()) {
    value.data = Moment{printed(date->get())};
  } else if (const auto* time = node.as_time()) {
    value.data = Moment{printed(time->get())};
  } else if (const auto* moment = node.as_date_time()) {
    value.data = Moment{printed(moment->get())};
  }
  return value;
}

}  // namespace

std::optional<Table> read_toml(std::string_view text, Faults& faults) {
  const toml::parse_result result = toml::parse(text, std::string_view(faults.file()));
  if (!result) {
    const toml::parse_error& error = result.error();
    faults.add(position_of(error.source()), std::string(error.description()), "the file must be valid TOML");
    return std::nullopt;
  }
  return convert_table(result.table());
}

}  // namespace troupe::topology::detail
