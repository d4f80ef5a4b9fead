#include <troupe/storage/sqlite/detail/database/connection.hpp>

#include <troupe/storage/sqlite/detail/database/wal_vfs.hpp>

namespace troupe::storage::sqlite {

namespace {

/// How long to wait for another process (a backup, a person's shell) to let go of the file.
constexpr int busy_timeout_milliseconds = 1000;

std::string describe(sqlite3* database) {
  std::string text = sqlite3_errmsg(database);
  const int code = sqlite3_extended_errcode(database);
  if ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN) {
    text += " (" + std::string(sqlite3_errstr(code)) + ", SQLite code " + std::to_string(code) + ")";
  }
  return text;
}

// SQLite takes a null pointer for NULL, also with length 0.
const char* not_null(const char* bytes) { return bytes ? bytes : ""; }

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) throw Error(sqlite3_extended_errcode(database), describe(database));
  statement_.reset(statement);
}

void Statement::bind(int position, std::int64_t value) {
  if (sqlite3_bind_int64(statement_.get(), position, value) != SQLITE_OK) fail();
}

void Statement::bind_text(int position, std::string_view text) {
  if (sqlite3_bind_text64(statement_.get(), position, not_null(text.data()), text.size(), SQLITE_STATIC, SQLITE_UTF8) !=
      SQLITE_OK) {
    fail();
  }
}

void Statement::bind_blob(int position, std::string_view bytes) {
  if (sqlite3_bind_blob64(statement_.get(), position, not_null(bytes.data()), bytes.size(), SQLITE_STATIC) !=
      SQLITE_OK) {
    fail();
  }
}

void Statement::bind_blob(int position, std::span<const std::byte> bytes) {
  bind_blob(position, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void Statement::bind_null(int position) {
  if (sqlite3_bind_null(statement_.get(), position) != SQLITE_OK) fail();
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail();
  sqlite3_reset(statement_.get());
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {not_null(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::fail() {
  sqlite3* database = sqlite3_db_handle(statement_.get());
  const int code = sqlite3_extended_errcode(database);
  const std::string what = describe(database);
  sqlite3_reset(statement_.get());
  throw Error(code, what);
}

Connection::Connection(const std::filesystem::path& file, Mode mode) {
  sqlite3* database = nullptr;
  const int flags = (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(file.c_str(), &database, flags, wal_vfs());
  handle_.reset(database);
  if (code != SQLITE_OK) throw Error(code, database ? describe(database) : sqlite3_errstr(code));
  // What is declared in a file may have been declared by others.
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_busy_timeout(database, busy_timeout_milliseconds);
}

void Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw Error(sqlite3_extended_errcode(handle_.get()), describe(handle_.get()));
}

std::int64_t Connection::integer(std::string_view sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Connection::checkpoint() {
  integer("SELECT count(*) FROM sqlite_schema");  // a connection that has read nothing does not know of the log
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) throw Error(sqlite3_extended_errcode(handle_.get()), describe(handle_.get()));
}

void Connection::roll_back_if_open() noexcept {
  // An error here leaves the transaction open, which whoever begins the next one finds out.
  if (in_transaction()) sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace troupe::storage::sqlite
