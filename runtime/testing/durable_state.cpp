#include "runtime/testing/durable_state.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/storage/sqlite/inventory.hpp"

namespace troupe::testing {

namespace {

constexpr auto blur = Names::Unknown::blur;

std::string line_of(const std::string& protocol, const storage::RestingEntity& entity, Names& names) {
  std::string line = protocol + '/' + names.normalise(entity.key.to_string(), blur) + ' ';
  line += names.normalise(entity.body, blur);
  std::vector<std::string> rows;
  for (const auto& row : entity.rows) {
    rows.push_back(" [" + std::to_string(row.table) + "] " + names.normalise(row.item, blur) + " = " +
                   names.normalise(row.body, blur));
  }
  std::ranges::sort(rows);
  for (const auto& row : rows) line += row;
  return line;
}

}  // namespace

DurableState read_durable_state(const std::filesystem::path& data, Names& names) {
  DurableState state;
  for (const auto& file : std::filesystem::recursive_directory_iterator(data)) {
    const auto& path = file.path();
    if (path.extension() != ".db" || path.filename() == "node.db") continue;
    const std::string protocol = path.stem().string();
    const auto inventory = storage::take_inventory(path);
    for (const auto& entity : inventory.entities) state.push_back(line_of(protocol, entity, names));
    for (std::size_t i = 0; i < inventory.undelivered; ++i) state.push_back("a send of " + protocol + " on its way");
  }
  std::ranges::sort(state);
  return state;
}

}  // namespace troupe::testing
