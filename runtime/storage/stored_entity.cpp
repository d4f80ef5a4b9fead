#include <troupe/storage/stored_entity.hpp>

#include <stdexcept>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/sends/dead_letters.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

Key key_of(std::string_view bytes) {
  const auto key = Key::from_bytes(std::as_bytes(std::span(bytes)));
  if (!key) throw sqlite::Error(SQLITE_CORRUPT, "a row has a malformed key");
  return *key;
}

WaitingSend send_of(const sqlite::Statement& row) {
  return {static_cast<std::uint64_t>(row.integer(0)), std::string(row.bytes(1)), key_of(row.bytes(2)),
          std::string(row.bytes(3)), std::string(row.bytes(4))};
}

/// One view of the file, however long it is read.
class EntityReader {
 public:
  explicit EntityReader(const fs::path& database)
      : connection_(database, sqlite::Connection::Mode::read_only),
        items_(connection_.prepare("SELECT state_table, item, body FROM table_row WHERE key = ?1"
                                   " ORDER BY state_table, item")),
        sends_(connection_.prepare("SELECT sequence, protocol, target, message, body FROM outbox WHERE sender = ?1"
                                   " ORDER BY sequence")) {
    connection_.execute("BEGIN");
    if (!sqlite::has_dead_letters(connection_)) return;
    dead_letters_ = connection_.prepare(
        "SELECT sequence, protocol, target, message, body, attempts, reason FROM dead_letter WHERE sender = ?1"
        " ORDER BY sequence");
  }

  sqlite::Statement prepare(std::string_view sql) { return connection_.prepare(sql); }

  /// From a row of key, version, layout and body.
  StoredEntity read(const sqlite::Statement& row) {
    StoredEntity entity;
    const std::string key(row.bytes(0));
    entity.key = key_of(key);
    entity.state.version = static_cast<std::uint64_t>(row.integer(1));
    entity.state.layout = static_cast<std::uint32_t>(row.integer(2));
    if (!row.is_null(3)) entity.state.body = row.bytes(3);
    items_.bind_blob(1, key);
    while (items_.step()) {
      entity.state.rows.push_back(
          {static_cast<std::uint16_t>(items_.integer(0)), std::string(items_.bytes(1)), std::string(items_.bytes(2))});
    }
    sends_.bind_blob(1, key);
    while (sends_.step()) entity.sends.push_back(send_of(sends_));
    if (dead_letters_) read_dead_letters(entity, key);
    return entity;
  }

 private:
  void read_dead_letters(StoredEntity& entity, std::string_view key) {
    sqlite::Statement& rows = *dead_letters_;
    rows.bind_blob(1, key);
    while (rows.step()) {
      entity.dead_letters.push_back(
          {send_of(rows), static_cast<std::uint32_t>(rows.integer(5)), std::string(rows.bytes(6))});
    }
  }

  sqlite::Connection connection_;
  sqlite::Statement items_;
  sqlite::Statement sends_;
  std::optional<sqlite::Statement> dead_letters_;  ///< none: the file is of a version that had no such table
};

template <class F>
auto read_from(const fs::path& database, F work) {
  try {
    EntityReader reader(database);
    return work(reader);
  } catch (const sqlite::Error& error) {
    throw std::runtime_error("can't read " + database.string() + ": " + error.what());
  }
}

}  // namespace

std::optional<StoredEntity> find_entity(const fs::path& database, const Key& key) {
  sqlite::refuse_foreign_database(database);
  return read_from(database, [&](EntityReader& reader) -> std::optional<StoredEntity> {
    auto row = reader.prepare("SELECT key, version, layout, body FROM entity WHERE key = ?1");
    const std::string bytes = key.to_bytes();
    row.bind_blob(1, bytes);
    if (!row.step()) return std::nullopt;
    return reader.read(row);
  });
}

void each_entity(const fs::path& database, const std::function<void(const StoredEntity&)>& visit) {
  read_from(database, [&](EntityReader& reader) {
    auto rows = reader.prepare("SELECT key, version, layout, body FROM entity ORDER BY key");
    while (rows.step()) visit(reader.read(rows));
  });
}

namespace {

std::string send_json(const WaitingSend& send) {
  return "\"sequence\":" + std::to_string(send.sequence) + ",\"protocol\":" + wire::to_json(send.protocol) +
         ",\"target\":" + wire::to_json(send.target.to_string()) + ",\"message\":" + wire::to_json(send.message) +
         ",\"body\":" + send.body;
}

}  // namespace

std::string entity_json(const StoredEntity& entity) {
  std::string text = "\"version\":" + std::to_string(entity.state.version) +
                     ",\"layout\":" + std::to_string(entity.state.layout) +
                     ",\"state\":" + entity.state.body.value_or("null") + ",\"tables\":[";
  for (const auto& row : entity.state.rows) {
    if (text.back() != '[') text += ',';
    text += "{\"table\":" + std::to_string(row.table) + ",\"item\":" + wire::to_json(row.item) +
            ",\"value\":" + row.body + '}';
  }
  text += "],\"sends\":[";
  for (const auto& send : entity.sends) {
    if (text.back() != '[') text += ',';
    text += '{' + send_json(send) + '}';
  }
  text += "],\"dead_letters\":[";
  for (const auto& dead : entity.dead_letters) {
    if (text.back() != '[') text += ',';
    text += '{' + send_json(dead.send) + ",\"attempts\":" + std::to_string(dead.attempts) +
            ",\"reason\":" + wire::to_json(dead.reason) + '}';
  }
  return text + ']';
}

}  // namespace troupe::storage
