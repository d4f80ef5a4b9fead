#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace troupe::storage::sqlite {

namespace {

using Type = IndexDeclaration::Type;

constexpr std::size_t max_index_name_bytes = 64;

constexpr std::array<Migration, 2> migrations = {R"(
  CREATE TABLE entity (
    key BLOB PRIMARY KEY,
    version INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    body TEXT
  ) WITHOUT ROWID;
  CREATE TABLE table_row (
    key BLOB NOT NULL,
    state_table INTEGER NOT NULL,
    item TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (key, state_table, item)
  ) WITHOUT ROWID;
  CREATE TABLE inbox (
    operation BLOB NOT NULL,
    key BLOB NOT NULL,
    reply TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (operation, key)
  ) WITHOUT ROWID;
  CREATE TABLE outbox (
    sender BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    operation BLOB NOT NULL,
    protocol TEXT NOT NULL,
    target BLOB NOT NULL,
    message TEXT NOT NULL,
    body TEXT NOT NULL,
    principal_kind INTEGER NOT NULL,
    principal_user BLOB NOT NULL,
    principal_role TEXT NOT NULL,
    trace TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (sender, sequence)
  ) WITHOUT ROWID;
  CREATE TABLE index_declaration (name TEXT PRIMARY KEY, type TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('state_layout', 0), ('settled', 0);
)",
                                                 R"(
  CREATE TABLE dead_letter (
    sender BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    operation BLOB NOT NULL,
    protocol TEXT NOT NULL,
    target BLOB NOT NULL,
    message TEXT NOT NULL,
    principal_kind INTEGER NOT NULL,
    principal_user BLOB NOT NULL,
    principal_role TEXT NOT NULL,
    trace TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    died_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (sender, sequence)
  ) WITHOUT ROWID;
  CREATE INDEX dead_letter_by_operation ON dead_letter (operation);
)"};

constexpr std::int32_t application_id = 0x54727570;  // "Trup"

std::string_view type_name(Type type) {
  switch (type) {
    case Type::integer:
      return "INTEGER";
    case Type::text:
      return "TEXT";
    case Type::blob:
      return "BLOB";
  }
  return "BLOB";
}

bool is_index_name(std::string_view name) {
  return !name.empty() && name.size() <= max_index_name_bytes &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_type_name(std::string_view name) {
  return name == type_name(Type::integer) || name == type_name(Type::text) || name == type_name(Type::blob);
}

void check_names(const std::filesystem::path& file, const StoreDeclaration& declaration) {
  std::set<std::string_view> seen;
  for (const auto& index : declaration.indexes) {
    const bool valid = is_index_name(index.name);
    if (valid && seen.insert(index.name).second) continue;
    throw std::runtime_error("index \"" + index.name + "\" of " + file.string() +
                             (valid ? " is declared twice" : " needs a name of a-z, 0-9 and _, up to 64 characters"));
  }
}

/// An identifier of SQL, whatever it holds.
std::string identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

/// How the table of an index is declared in the file.
std::string declared_table(std::string_view name, std::string_view type) {
  return "CREATE TABLE " + index_table(name) + " (value " + std::string(type) +
         " NOT NULL, key BLOB NOT NULL, PRIMARY KEY (value, key)) WITHOUT ROWID";
}

/// A name and a type out of a file become SQL: only such as this program writes, of a table as this program makes it.
void check_stored(Connection& connection, const std::string& name, const std::string& type) {
  auto select = connection.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'by_' || ?1");
  select.bind_text(1, name);
  if (is_index_name(name) && is_type_name(type) && select.step() && select.bytes(0) == declared_table(name, type)) {
    return;
  }
  std::string shown = name.substr(0, max_index_name_bytes);
  std::ranges::replace_if(shown, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  throw Error(SQLITE_CORRUPT, "its index \"" + shown + "\" is not declared as this program does it");
}

void drop(Connection& connection, const std::string& name) {
  connection.execute("DROP TABLE " + index_table(name));
  auto remove = connection.prepare("DELETE FROM index_declaration WHERE name = ?1");
  remove.bind_text(1, name);
  remove.run();
}

void make(Connection& connection, const std::string& name, const std::string& type) {
  connection.execute(declared_table(name, type));
  if (type == type_name(Type::text)) {
    connection.execute("CREATE INDEX " + covering_index(name) + " ON " + index_table(name) + " (key, value)");
  }
  auto insert = connection.prepare("INSERT INTO index_declaration VALUES (?1, ?2)");
  insert.bind_text(1, name);
  insert.bind_text(2, type);
  insert.run();
}

void set_layout(Connection& connection, std::int64_t layout) {
  connection.execute("UPDATE meta SET value = " + std::to_string(layout) + " WHERE name = 'state_layout'");
}

std::optional<Key> key_of(const Statement& row) { return Key::from_bytes(std::as_bytes(std::span(row.bytes(0)))); }

/// Adds one row's values to the indexes that are being built.
void add_row(const StoreDeclaration& declaration, const std::vector<std::size_t>& built,
             std::vector<Statement>& inserts, const Statement& row) {
  const auto entity = key_of(row);
  if (!entity) throw std::runtime_error("it is no key");
  const auto values = declaration.index_values(*entity, static_cast<std::uint32_t>(row.integer(1)), row.bytes(2));
  if (values.size() != declaration.indexes.size()) throw std::runtime_error("not every index got a value");
  const std::string_view key = row.bytes(0);
  for (std::size_t i = 0; i < built.size(); ++i) {
    const auto& value = values[built[i]];
    if (!value) continue;
    if (!fits(declaration.indexes[built[i]].type, *value)) throw std::runtime_error("a value has another type");
    bind(inserts[i], 1, *value);
    inserts[i].bind_blob(2, key);
    inserts[i].run();
  }
}

void fill(Connection& connection, const std::filesystem::path& file, const StoreDeclaration& declaration,
          const std::vector<std::size_t>& built) {
  std::vector<Statement> inserts;
  for (const auto index : built) {
    const std::string table = index_table(declaration.indexes[index].name);
    inserts.push_back(connection.prepare("INSERT INTO " + table + " VALUES (?1, ?2)"));
  }
  auto rows = connection.prepare("SELECT key, layout, body FROM entity WHERE body IS NOT NULL");
  while (rows.step()) {
    try {
      if (!declaration.index_values) throw std::runtime_error("the protocol gives no values for its rows");
      add_row(declaration, built, inserts, rows);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      const auto key = key_of(rows);
      throw std::runtime_error("can't build the indexes of " + file.string() + " from the row of " +
                               (key ? key->to_string() : "a malformed key") + ": " + error.what());
    }
  }
}

}  // namespace

const Schema& store_schema() {
  static const Schema schema{application_id, migrations};
  return schema;
}

void reconcile_indexes(Connection& connection, const std::filesystem::path& file, const StoreDeclaration& declaration) {
  check_names(file, declaration);
  auto [layout, outdated] = stored_indexes(connection);
  if (layout > declaration.layout) {
    throw std::runtime_error(file.string() +
                             " was written by a newer version of the application: its state has layout " +
                             std::to_string(layout) + ", this program knows " + std::to_string(declaration.layout) +
                             "; run the newer program, or restore a backup made by this one");
  }
  const bool rebuild = layout != declaration.layout;
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < declaration.indexes.size(); ++i) {
    const auto& index = declaration.indexes[i];
    const auto stored = outdated.find(index.name);
    if (!rebuild && stored != outdated.end() && stored->second == type_name(index.type)) {
      outdated.erase(stored);
    } else {
      missing.push_back(i);
    }
  }
  for (const auto& [name, type] : outdated) drop(connection, name);
  for (const auto i : missing) {
    const auto& index = declaration.indexes[i];
    make(connection, index.name, std::string(type_name(index.type)));
  }
  if (!missing.empty()) fill(connection, file, declaration, missing);
  if (rebuild) set_layout(connection, declaration.layout);
}

IndexSet stored_indexes(Connection& connection) {
  IndexSet indexes;
  indexes.layout = connection.integer("SELECT value FROM meta WHERE name = 'state_layout'");
  auto select = connection.prepare("SELECT name, type FROM index_declaration");
  while (select.step()) indexes.types.emplace(select.bytes(0), select.bytes(1));
  for (const auto& [name, type] : indexes.types) check_stored(connection, name, type);
  return indexes;
}

void adopt_indexes(Connection& connection, const IndexSet& indexes) {
  for (const auto& [name, type] : stored_indexes(connection).types) drop(connection, name);
  for (const auto& [name, type] : indexes.types) make(connection, name, type);
  set_layout(connection, indexes.layout);
}

std::string index_table(std::string_view name) { return identifier("by_" + std::string(name)); }

std::string covering_index(std::string_view name) { return identifier("by_" + std::string(name) + ".key"); }

void bind(Statement& statement, int position, const IndexValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    statement.bind(position, *integer);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    statement.bind_text(position, *text);
  } else {
    statement.bind_blob(position, std::span<const std::byte>(std::get<std::vector<std::byte>>(value)));
  }
}

IndexValue value_of(const Statement& row, int column, IndexDeclaration::Type type) {
  if (type == Type::integer) return row.integer(column);
  const std::string_view octets = row.bytes(column);
  if (type == Type::text) return std::string(octets);
  const auto* first = reinterpret_cast<const std::byte*>(octets.data());
  return std::vector<std::byte>(first, first + octets.size());
}

}  // namespace troupe::storage::sqlite
