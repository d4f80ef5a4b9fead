#include "tests/storage/placed_data.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <troupe/storage/misplaced.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>
#include <troupe/storage/sqlite/detail/keyed_rows.hpp>

namespace troupe::storage::test {

namespace fs = std::filesystem;

namespace {

StoreDeclaration declaration_of(const std::string& protocol) {
  auto declaration = thing({{"number", IndexDeclaration::Type::integer}, {"name", IndexDeclaration::Type::text}});
  declaration.protocol = protocol;
  return declaration;
}

std::unique_ptr<Commit> whole_turn(std::uint64_t number) {
  const Key key = number % 3 == 0 ? Key("name-" + std::to_string(number)) : id_key(number);
  auto commit = put(key, 0, "{\"number\":" + std::to_string(number) + "}");
  commit->tables = {{0, "a", std::to_string(number)}, {1, "b", "{}"}};
  commit->indexes = {{0, std::nullopt, IndexValue(static_cast<std::int64_t>(number))},
                     {1, std::nullopt, IndexValue("thing " + std::to_string(number))}};
  commit->inbox = {{uuid(100'000 + number), "\"done\"", Time{}}};
  if (number % 2 == 0) commit->sends = {send_row(number)};
  return commit;
}

/// Every other send becomes a dead letter.
void bury_some_sends(Store& store, const std::vector<std::unique_ptr<Commit>>& commits) {
  for (const auto& commit : commits) {
    if (commit->sends.empty() || commit->sends.front().sequence % 4 != 0) continue;
    LetterMove move;
    move.letter.sender = commit->key;
    move.letter.send.sequence = commit->sends.front().sequence;
    if (run(store, move) != StoreStatus::done) throw std::runtime_error("bury: " + move.detail);
  }
}

/// The commits that belong into one database.
std::vector<std::unique_ptr<Commit>> turns_of(const Owners& owners, const ProtocolDatabase& database,
                                              std::uint64_t entities) {
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t number = 1; number <= entities; ++number) {
    auto commit = whole_turn(number);
    if (owners.of(commit->key).database == &database) commits.push_back(std::move(commit));
  }
  return commits;
}

void add_rows(const fs::path& file, std::vector<std::string>& all) {
  sqlite::Connection connection(file, sqlite::Connection::Mode::read_write);
  for (const auto& table : sqlite::keyed_tables(connection)) {
    auto rows = connection.prepare("SELECT * FROM " + table.name);
    while (rows.step()) {
      std::string text = file.stem().string() + ' ' + table.name;
      for (int column = 0; column < rows.columns(); ++column) text.append(" | ").append(rows.bytes(column));
      all.push_back(std::move(text));
    }
  }
}

}  // namespace

Layout layout_of(const std::string& name, const fs::path& data, const std::vector<HostedProtocol>& protocols) {
  Layout layout;
  layout.topology = name;
  layout.files = name + ".toml";
  layout.data = data;
  std::map<std::string, std::vector<ProtocolDatabase>> databases;
  for (const auto& [protocol, nodes, shards] : protocols) {
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      ProtocolDatabase database{protocol, data / nodes[i] / (protocol + ".db"), shards, {}};
      for (std::uint32_t shard = i; shard < shards; shard += static_cast<std::uint32_t>(nodes.size())) {
        database.held.push_back(shard);
      }
      databases[nodes[i]].push_back(std::move(database));
    }
  }
  for (auto& [node, held] : databases) layout.nodes.push_back({node, data / node, std::move(held)});
  layout.secrets.home =
      layout.nodes.size() == 1 ? SharedSecrets::Home::node_folder : SharedSecrets::Home::shared_folder;
  layout.secrets.derived["token-key"] = std::nullopt;
  return layout;
}

void leave_record(const Layout& layout, const std::string& node) {
  DataFolder folder(layout.data, node);
  folder.keep(record_of(layout, *layout.find(node), folder.record()));
}

void write_things(const Layout& layout, const std::string& protocol, std::uint64_t entities) {
  const Owners owners(layout, protocol);
  const auto workers = loop::thread_workers();
  for (const auto& node : layout.nodes) {
    const ProtocolDatabase* database = node.find(protocol);
    DataFolder folder(layout.data, node.node);
    SqliteStoreFactory factory([&node](const std::string& name) { return node.find(name)->file; }, *workers,
                               {.fatal = [](const std::string&) {}});
    factory.set_owner(layout.topology, node.node);
    const auto store = database ? factory.open(declaration_of(protocol)) : nullptr;
    folder.keep(record_of(layout, node, folder.record()));
    if (!store) continue;
    const auto turns = turns_of(owners, *database, entities);
    run_all(*store, turns);
    bury_some_sends(*store, turns);
  }
}

std::vector<std::string> all_rows(const std::vector<fs::path>& folders) {
  std::vector<std::string> all;
  for (const auto& folder : std::set<fs::path>(folders.begin(), folders.end())) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const auto& file = entry.path();
      const bool ours = file.extension() == ".db" && file.filename() != "node.db" && file.filename() != "move.db";
      if (ours) add_rows(file, all);
    }
  }
  std::ranges::sort(all);
  return all;
}

std::string misplaced_row(const Layout& layout, const std::string& protocol) {
  const Owners owners(layout, protocol);
  std::string found;
  for (const auto& entry : fs::recursive_directory_iterator(layout.data)) {
    const fs::path& file = entry.path();
    if (file.filename() != protocol + ".db") continue;
    sqlite::Connection connection(file, sqlite::Connection::Mode::read_write);
    sqlite::tally(connection, [&](const Key& key) -> std::uint64_t {
      if (owners.of(key).database->file != file) found = key.to_string() + " in " + file.string();
      return 0;
    });
  }
  return found;
}

}  // namespace troupe::storage::test
