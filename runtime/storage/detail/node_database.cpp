#include <troupe/storage/detail/node_database.hpp>

#include <array>
#include <stdexcept>

#include <troupe/storage/detail/folder_lock.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

constexpr std::array<sqlite::Migration, 2> migrations = {R"(
  CREATE TABLE boot (id INTEGER PRIMARY KEY CHECK (id = 1), incarnation INTEGER NOT NULL);
  INSERT INTO boot VALUES (1, 0);
  CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
)",
                                                         R"(
  CREATE TABLE owner (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    topology TEXT NOT NULL,
    node TEXT NOT NULL,
    files TEXT NOT NULL
  );
  CREATE TABLE place (
    protocol TEXT PRIMARY KEY,
    database TEXT NOT NULL,
    shards INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    held TEXT NOT NULL,
    moved_to TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE move (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    digest TEXT NOT NULL,
    from_files TEXT NOT NULL,
    to_files TEXT NOT NULL
  );
)"};

constexpr std::int32_t application_id = 0x5472756e;  // "Trun"

/// A folder may be carried elsewhere with what lies in it.
std::string stored_path(const fs::path& database, const fs::path& folder) {
  return lies_in(database, folder) ? database.lexically_relative(folder).string() : database.string();
}

std::vector<RecordedDatabase> read_databases(sqlite::Connection& connection, const fs::path& folder) {
  std::vector<RecordedDatabase> databases;
  auto rows = connection.prepare("SELECT protocol, database, shards, hash, held, moved_to FROM place");
  while (rows.step()) {
    RecordedDatabase recorded;
    recorded.database.protocol = rows.bytes(0);
    recorded.database.file = folder / fs::path(rows.bytes(1));
    recorded.database.shards = static_cast<std::uint32_t>(rows.integer(2));
    recorded.hash = static_cast<std::uint32_t>(rows.integer(3));
    const auto held = parse_shards(rows.bytes(4));
    if (!held) throw sqlite::Error(SQLITE_CORRUPT, "the shards of " + recorded.database.protocol + " are malformed");
    recorded.database.held = *held;
    recorded.moved_to = rows.bytes(5);
    databases.push_back(std::move(recorded));
  }
  return databases;
}

NodeRecord read_record(sqlite::Connection& connection, const fs::path& folder) {
  NodeRecord record;
  auto owner = connection.prepare("SELECT topology, node, files FROM owner");
  if (owner.step()) {
    record.owner = FolderOwner{std::string(owner.bytes(0)), std::string(owner.bytes(1)), std::string(owner.bytes(2))};
  }
  record.databases = read_databases(connection, folder);
  auto move = connection.prepare("SELECT digest, from_files, to_files FROM move");
  if (move.step()) {
    record.move = MoveMark{std::string(move.bytes(0)), std::string(move.bytes(1)), std::string(move.bytes(2))};
  }
  return record;
}

void write_databases(sqlite::Connection& connection, const fs::path& folder,
                     const std::vector<RecordedDatabase>& databases) {
  auto insert = connection.prepare("INSERT INTO place VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  for (const auto& [database, hash, moved_to] : databases) {
    const std::string path = stored_path(database.file, folder);
    const std::string held = to_text(database.held);
    insert.bind_text(1, database.protocol);
    insert.bind_text(2, path);
    insert.bind(3, database.shards);
    insert.bind(4, hash);
    insert.bind_text(5, held);
    insert.bind_text(6, moved_to);
    insert.run();
  }
}

void write_move(sqlite::Connection& connection, const MoveMark& move) {
  auto insert = connection.prepare("REPLACE INTO move VALUES (1, ?1, ?2, ?3)");
  insert.bind_text(1, move.digest);
  insert.bind_text(2, move.from);
  insert.bind_text(3, move.to);
  insert.run();
}

}  // namespace

NodeDatabase::NodeDatabase(const fs::path& folder)
    : folder_(folder),
      file_(folder / "node.db"),
      connection_(sqlite::open_file(file_, {application_id, migrations}, [](sqlite::Connection&) {}).connection) {}

std::uint64_t NodeDatabase::begin_incarnation() {
  return sqlite::explained(file_, [&] {
    connection_.execute("UPDATE boot SET incarnation = incarnation + 1");
    return static_cast<std::uint64_t>(connection_.integer("SELECT incarnation FROM boot"));
  });
}

std::optional<std::vector<std::byte>> NodeDatabase::secret(std::string_view name) {
  return sqlite::explained(file_, [&]() -> std::optional<std::vector<std::byte>> {
    auto select = connection_.prepare("SELECT value FROM secret WHERE name = ?1");
    select.bind_text(1, name);
    if (!select.step()) return std::nullopt;
    const auto bytes = std::as_bytes(std::span(select.bytes(0)));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  });
}

void NodeDatabase::keep_secret(std::string_view name, const std::vector<std::byte>& value) {
  sqlite::explained(file_, [&] {
    auto insert = connection_.prepare("REPLACE INTO secret VALUES (?1, ?2)");
    insert.bind_text(1, name);
    insert.bind_blob(2, std::span<const std::byte>(value));
    insert.run();
  });
}

NodeRecord NodeDatabase::record() {
  return sqlite::explained(file_, [&] { return read_record(connection_, folder_); });
}

void NodeDatabase::keep(const NodeRecord& record) {
  sqlite::explained(file_, [&] {
    sqlite::Transaction transaction(connection_);
    connection_.execute("DELETE FROM owner; DELETE FROM place; DELETE FROM move");
    if (record.owner) {
      auto insert = connection_.prepare("INSERT INTO owner VALUES (1, ?1, ?2, ?3)");
      insert.bind_text(1, record.owner->topology);
      insert.bind_text(2, record.owner->node);
      insert.bind_text(3, record.owner->files);
      insert.run();
    }
    write_databases(connection_, folder_, record.databases);
    if (record.move) write_move(connection_, *record.move);
    transaction.commit();
  });
  for (const auto& known : record.databases) {
    std::error_code error;
    fs::remove(given_up_mark(known.database.file), error);
  }
}

void NodeDatabase::mark(const MoveMark& move) {
  sqlite::explained(file_, [&] { write_move(connection_, move); });
}

void NodeDatabase::unmark() {
  sqlite::explained(file_, [&] { connection_.execute("DELETE FROM move"); });
}

fs::path given_up_mark(const fs::path& database) {
  fs::path mark = database;
  mark += ".given-up";
  return mark;
}

std::optional<NodeRecord> peek_record(const fs::path& folder) {
  const fs::path file = folder / "node.db";
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  sqlite::refuse_foreign_database(file);
  return sqlite::explained(file, [&]() -> std::optional<NodeRecord> {
    sqlite::Connection connection(file, sqlite::Connection::Mode::read_only);
    if (connection.integer("PRAGMA application_id") != application_id) return std::nullopt;
    if (connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'owner'") == 0) return NodeRecord{};
    return read_record(connection, folder);
  });
}

}  // namespace troupe::storage
