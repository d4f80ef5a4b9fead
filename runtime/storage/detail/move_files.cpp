#include <troupe/storage/detail/move_files.hpp>

#include <algorithm>
#include <stdexcept>

#include <troupe/storage/detail/durable_file.hpp>
#include <troupe/storage/detail/move_survey.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

using sqlite::Connection;
using sqlite::Tally;

/// Deletes the rows whose keys belong to part 1.
void remove_rows(Connection& connection, const sqlite::PartOf& part_of) {
  sqlite::define_part_of(connection, part_of);
  sqlite::Transaction transaction(connection);
  for (const auto& table : sqlite::keyed_tables(connection)) {
    connection.execute("DELETE FROM " + table.name + " WHERE part_of(" + table.key + ") = 1");
  }
  transaction.commit();
}

bool holds_rows(Connection& connection) {
  return std::ranges::any_of(sqlite::keyed_tables(connection), [&](const sqlite::KeyedTable& table) {
    return connection.integer("SELECT EXISTS (SELECT 1 FROM " + table.name + ")") != 0;
  });
}

/// Leaves only the rows that the layout has in this file, and no file where nothing is left and no node has it.
void keep_rows_of(const Layout& layout, const std::string& protocol, const fs::path& file) {
  if (!fs::exists(file)) return;
  const Owners owners(layout, protocol);
  const bool left = sqlite::explained(file, [&] {
    auto connection = open_rows(file);
    remove_rows(connection, [&](const Key& key) -> std::uint64_t { return owners.assigns(key, file) ? 0 : 1; });
    return holds_rows(connection);
  });
  const bool has_a_node = std::ranges::any_of(layout.nodes, [&](const NodeLayout& node) {
    const auto* database = node.find(protocol);
    return database && database->file == file;
  });
  if (left || has_a_node) return;
  sqlite::remove_file(file);
  sync_to_disk(file.parent_path());
}

}  // namespace

void prepare_destination(const Carried& carried) {
  const auto indexes = sqlite::explained(carried.source, [&] {
    auto source = open_rows(carried.source);
    return sqlite::stored_indexes(source);
  });
  sqlite::open_file(carried.destination, sqlite::store_schema(), [&](Connection& connection) {
    if (sqlite::stored_indexes(connection) != indexes && !holds_rows(connection)) {
      sqlite::adopt_indexes(connection, indexes);
    }
  });
}

std::vector<std::string> tables_of(const Carried& carried) {
  return sqlite::explained(carried.source, [&] {
    auto source = open_rows(carried.source);
    std::vector<std::string> names;
    for (const auto& table : sqlite::keyed_tables(source)) names.push_back(table.name);
    return names;
  });
}

void copy_table(const Layout& to, const Carried& carried, const std::string& table) {
  const Owners owners(to, carried.protocol);
  sqlite::explained(carried.destination, [&] {
    Connection connection(carried.source, Connection::Mode::read_write);
    {
      auto attach = connection.prepare("ATTACH ?1 AS destination");
      const std::string file = carried.destination.string();
      attach.bind_text(1, file);
      attach.run();
    }
    connection.execute("PRAGMA destination.synchronous = FULL");
    sqlite::define_part_of(connection, [&](const Key& key) -> std::uint64_t {
      return owners.of(key).database->file == carried.destination ? 1 : 0;
    });
    const auto tables = sqlite::keyed_tables(connection);
    const auto found = std::ranges::find(tables, table, &sqlite::KeyedTable::name);
    sqlite::Transaction transaction(connection);
    connection.execute("INSERT OR IGNORE INTO destination." + table + " SELECT * FROM main." + table +
                       " WHERE part_of(" + found->key + ") = 1");
    transaction.commit();
  });
}

void verify_destination(const Layout& from, const Layout& to, const Carried& carried, const Expected& expected) {
  const Owners before(from, carried.protocol);
  const Owners after(to, carried.protocol);
  const fs::path& file = carried.destination;
  sqlite::explained(file, [&] {
    Connection connection(file, Connection::Mode::read_write);
    connection.checkpoint();
    // A file may give rows as well as get some: what it gives is cleared only after all has arrived.
    constexpr std::uint64_t leaving = std::uint64_t{1} << 63;
    auto found = sqlite::tally(connection, [&](const Key& key) -> std::uint64_t {
      const bool leaves = after.of(key).database->file != file && before.assigns(key, file);
      return after.shard_of(key) | (leaves ? leaving : 0);
    });
    std::erase_if(found, [](const auto& part) { return (part.first & leaving) != 0; });
    const std::string wrong = difference(expected, found);
    if (wrong.empty()) return;
    remove_rows(connection, [&](const Key& key) -> std::uint64_t { return before.assigns(key, file) ? 0 : 1; });
    throw std::runtime_error("what was copied to " + file.string() + " is not what was there: " + wrong +
                             "; nothing was removed from " + carried.source.string() +
                             "; check the disk and make the move again");
  });
}

void clear_source(const Layout& to, const Carried& carried) { keep_rows_of(to, carried.protocol, carried.source); }

void take_back(const Layout& from, const Carried& carried) {
  keep_rows_of(from, carried.protocol, carried.destination);
}

}  // namespace troupe::storage
