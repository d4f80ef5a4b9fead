#include "runtime/storage/sqlite/inventory.hpp"

#include <span>
#include <stdexcept>

#include "runtime/storage/sqlite/detail/connection.hpp"

namespace troupe::storage {

namespace {

Key key_of(const sqlite::Statement& row) {
  auto key = Key::from_bytes(std::as_bytes(std::span(row.bytes(0))));
  if (!key) throw std::runtime_error("a row's key is none");
  return *std::move(key);
}

Inventory read(sqlite::Connection& connection) {
  Inventory inventory;
  connection.execute("BEGIN");
  auto entities = connection.prepare("SELECT key, body FROM entity WHERE body IS NOT NULL ORDER BY key");
  while (entities.step()) inventory.entities.push_back({key_of(entities), std::string(entities.bytes(1)), {}});
  auto rows = connection.prepare("SELECT key, state_table, item, body FROM table_row ORDER BY key, state_table, item");
  auto owner = inventory.entities.begin();
  while (rows.step()) {
    const Key key = key_of(rows);
    while (owner != inventory.entities.end() && owner->key != key) ++owner;
    if (owner == inventory.entities.end()) throw std::runtime_error("a table's row belongs to no entity");
    const auto table = static_cast<std::uint16_t>(rows.integer(1));
    owner->rows.push_back({table, std::string(rows.bytes(2)), std::string(rows.bytes(3))});
  }
  inventory.undelivered = static_cast<std::size_t>(connection.integer("SELECT count(*) FROM outbox"));
  connection.execute("COMMIT");
  return inventory;
}

}  // namespace

Inventory take_inventory(const std::filesystem::path& database) {
  try {
    sqlite::Connection connection(database, sqlite::Connection::Mode::read_write);
    return read(connection);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(database.string() + " can't be read: " + error.what());
  }
}

}  // namespace troupe::storage
