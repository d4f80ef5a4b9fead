#include <troupe/testing/durable_state.hpp>

#include <algorithm>
#include <string>

#include <troupe/storage/stored_entity.hpp>

namespace troupe::testing {

namespace {

constexpr auto blur = Names::Unknown::blur;

std::string line_of(const std::string& entity, const StoredState& state, Names& names) {
  std::string line = entity + ' ' + names.normalise(state.body.value_or("erased, but for its tables"), blur);
  std::vector<std::string> rows;
  for (const auto& row : state.rows) {
    rows.push_back(" [" + std::to_string(row.table) + "] " + names.normalise(row.item, blur) + " = " +
                   names.normalise(row.body, blur));
  }
  std::ranges::sort(rows);
  for (const auto& row : rows) line += row;
  return line;
}

}  // namespace

DurableState read_durable_state(const std::filesystem::path& data, Names& names, const std::vector<Residue>& residue) {
  DurableState lines;
  for (const auto& file : std::filesystem::recursive_directory_iterator(data)) {
    const auto& path = file.path();
    if (path.extension() != ".db" || path.filename() == "node.db") continue;
    const std::string protocol = path.stem().string();
    storage::each_entity(path, [&](const storage::StoredEntity& entity) {
      const std::string name = protocol + '/' + names.normalise(entity.key.to_string(), blur);
      StoredState state = entity.state;
      for (const auto& each : residue) {
        if (each.protocol() == protocol && state.body) each.take_out_of(entity.key, state);
      }
      if (state.body || !state.rows.empty()) lines.push_back(line_of(name, state, names));
      for (const auto& send : entity.sends) lines.push_back("a send of " + name + " on its way: " + send.message);
      for (const auto& dead : entity.dead_letters) {
        lines.push_back("a dead letter of " + name + ": " + dead.send.message + " to " + dead.send.protocol + '/' +
                        names.normalise(dead.send.target.to_string(), blur) + ' ' +
                        names.normalise(dead.send.body, blur) + ", " + dead.reason);
      }
    });
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace troupe::testing
