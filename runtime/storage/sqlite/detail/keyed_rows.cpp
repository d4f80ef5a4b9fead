#include <troupe/storage/sqlite/detail/keyed_rows.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>

#include <troupe/storage/sqlite/detail/database/store_schema.hpp>
#include <troupe/storage/sqlite/detail/sends/dead_letters.hpp>
#include <troupe/wire/hash.hpp>

namespace troupe::storage::sqlite {

namespace {

constexpr std::string_view entities = "entity";

Key key_of(std::string_view bytes, const std::string& table) {
  const auto key = Key::from_bytes(std::as_bytes(std::span(bytes)));
  if (!key) throw Error(SQLITE_CORRUPT, "a row of the table " + table + " has a malformed key");
  return *key;
}

void append(std::string& text, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) text += static_cast<char>(number >> (8 * i));
}

/// Tells rows apart by their table, and by type, length and bytes of each value.
std::uint64_t hash_of(const std::string& table, const Statement& row, int columns, std::string& buffer) {
  buffer = table;
  for (int column = 0; column < columns; ++column) {
    buffer += static_cast<char>(row.type(column));
    const auto bytes = row.bytes(column);
    append(buffer, bytes.size());
    buffer += bytes;
  }
  return wire::stable_hash(buffer);
}

void tally_table(Connection& connection, const KeyedTable& table, const PartOf& part_of,
                 std::map<std::uint64_t, Tally>& parts) {
  auto rows = connection.prepare("SELECT *, " + table.key + " FROM " + table.name);
  const int columns = rows.columns() - 1;
  std::string buffer;
  while (rows.step()) {
    Tally& part = parts[part_of(key_of(rows.bytes(columns), table.name))];
    part += {table.name == entities ? 1U : 0U, 1, hash_of(table.name, rows, columns, buffer)};
  }
}

void count_table(Connection& connection, const KeyedTable& table, const PartOf& part_of,
                 std::map<std::uint64_t, Tally>& parts) {
  auto rows = connection.prepare("SELECT " + table.key + " FROM " + table.name);
  while (rows.step()) {
    parts[part_of(key_of(rows.bytes(0), table.name))] += {table.name == entities ? 1U : 0U, 1, 0};
  }
}

/// Items and index entries belong to entities; operations and sends may outlive theirs. A file that is only read may
/// be of a version that had no dead letters.
std::vector<KeyedTable> outliving_tables(Connection& connection) {
  std::vector<KeyedTable> tables{{"inbox", "key"}, {"outbox", "sender"}};
  if (has_dead_letters(connection)) tables.push_back({"dead_letter", "sender"});
  return tables;
}

void call_part_of(sqlite3_context* context, int, sqlite3_value** arguments) {
  try {
    const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(arguments[0]));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(arguments[0]));
    const auto key = Key::from_bytes({data, size});
    if (!key) return sqlite3_result_error(context, "a row has a malformed key", -1);
    const auto& part_of = *static_cast<const PartOf*>(sqlite3_user_data(context));
    sqlite3_result_int64(context, static_cast<sqlite3_int64>(part_of(*key)));
  } catch (const std::exception& error) {
    sqlite3_result_error(context, error.what(), -1);
  }
}

}  // namespace

std::vector<KeyedTable> keyed_tables(Connection& connection) {
  std::vector<KeyedTable> tables{{std::string(entities), "key"}, {"table_row", "key"}};
  std::ranges::move(outliving_tables(connection), std::back_inserter(tables));
  for (const auto& [name, type] : stored_indexes(connection).types) tables.push_back({index_table(name), "key"});
  return tables;
}

Tally& Tally::operator+=(const Tally& other) {
  entities += other.entities;
  rows += other.rows;
  checksum += other.checksum;
  return *this;
}

std::map<std::uint64_t, Tally> tally(Connection& connection, const PartOf& part_of) {
  std::map<std::uint64_t, Tally> parts;
  for (const auto& table : keyed_tables(connection)) tally_table(connection, table, part_of, parts);
  return parts;
}

std::map<std::uint64_t, Tally> count(Connection& connection, const PartOf& part_of) {
  std::map<std::uint64_t, Tally> parts;
  count_table(connection, {std::string(entities), "key"}, part_of, parts);
  for (const auto& table : outliving_tables(connection)) count_table(connection, table, part_of, parts);
  return parts;
}

void define_part_of(Connection& connection, const PartOf& part_of) {
  const int code = sqlite3_create_function_v2(connection.handle(), "part_of", 1,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                              std::make_unique<PartOf>(part_of).release(), &call_part_of, nullptr,
                                              nullptr, [](void* function) { delete static_cast<PartOf*>(function); });
  if (code != SQLITE_OK) throw Error(code, "can't define part_of");
}

}  // namespace troupe::storage::sqlite
