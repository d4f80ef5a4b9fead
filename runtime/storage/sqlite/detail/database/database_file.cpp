#include <troupe/storage/sqlite/detail/database/database_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <troupe/storage/detail/durable_file.hpp>
#include <troupe/storage/private_file.hpp>

namespace troupe::storage::sqlite {

namespace {

namespace fs = std::filesystem;

/// A log that grew beyond this (a long read kept it from being reused) shrinks when it is reused.
constexpr std::int64_t log_bytes_kept = 64 << 20;
constexpr std::string_view writable_hint = "give this process the right to write the file and its folder";
constexpr std::int64_t writer_cache_kib = 4096;
constexpr std::int64_t reader_cache_kib = 1024;
/// A file that was not closed is checked before it is opened if that takes no more than a few milliseconds.
constexpr std::uintmax_t checked_at_opening_bytes = 1 << 20;

fs::path with_suffix(const fs::path& file, const char* suffix) {
  fs::path result = file;
  result += suffix;
  return result;
}

constexpr std::array<const char*, 4> all_suffixes = {"", "-wal", "-shm", "-journal"};

/// What SQLite makes beside a database has the rights of the database.
void make_all_private(const fs::path& file) {
  for (const char* suffix : all_suffixes) make_private(with_suffix(file, suffix));
}

/// SQLite itself would make it readable for all.
void make_empty(const fs::path& file) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (made < 0) throw std::runtime_error(file_fault("can't make", file, errno, writable_hint));
  ::close(made);
}

std::int64_t stored_version(Connection& connection) {
  return connection.integer("SELECT value FROM meta WHERE name = 'schema_version'");
}

void run_migration(Connection& connection, const Schema& schema, std::int64_t from) {
  connection.execute(schema.migrations[static_cast<std::size_t>(from)]);
  connection.execute("UPDATE meta SET value = " + std::to_string(from + 1) + " WHERE name = 'schema_version'");
}

void use_cache(Connection& connection, std::int64_t kib) {
  connection.execute("PRAGMA cache_size = -" + std::to_string(kib));
}

/// Makes the whole file under another name, without a single sync, then syncs it once and gives it its name.
void create_file(const fs::path& file, const Schema& schema, const std::function<void(Connection&)>& prepare) {
  const fs::path log = with_suffix(file, "-wal");
  if (fs::exists(log)) {
    throw std::runtime_error(log.string() + " is there without " + file.string() +
                             ", whose last changes it holds; put the file back, or move the log away to start empty");
  }
  const fs::path draft = with_suffix(file, ".new");
  for (const char* suffix : all_suffixes) fs::remove(with_suffix(draft, suffix));
  make_empty(draft);
  {
    Connection connection(draft, Connection::Mode::create);
    connection.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
    connection.execute("PRAGMA application_id = " + std::to_string(schema.application_id));
    Transaction transaction(connection);
    connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID");
    connection.execute("INSERT INTO meta VALUES ('schema_version', 0)");
    for (std::int64_t version = 0; version < schema.version(); ++version) run_migration(connection, schema, version);
    prepare(connection);
    transaction.commit();
    connection.execute("PRAGMA journal_mode = WAL");
  }
  sync_to_disk(draft);
  // The new name need not be durable before the first commit is, and SQLite syncs the folder with the log's first sync.
  fs::rename(draft, file);
}

void check_ours(const fs::path& file, Connection& connection, const Schema& schema) {
  const auto id = connection.integer("PRAGMA application_id");
  if (id != schema.application_id) {
    throw std::runtime_error(file.string() + " is not a database of this kind (application id " + std::to_string(id) +
                             ", expected " + std::to_string(schema.application_id) +
                             "); move it away, or choose another data folder");
  }
  if (connection.integer("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')") != 0) {
    throw Error(SQLITE_CORRUPT, "it has triggers or views, which no program of ours makes");
  }
  const auto version = stored_version(connection);
  if (version > schema.version()) {
    throw std::runtime_error(file.string() + " was written by a newer version: its schema is " +
                             std::to_string(version) + ", this program knows " + std::to_string(schema.version()) +
                             "; run the newer program, or restore a backup made by this one");
  }
}

void check_writable(const fs::path& file, Connection& connection) {
  if (sqlite3_db_readonly(connection.handle(), "main") != 1) return;
  throw std::runtime_error(file_fault("can't write to", file, EACCES, writable_hint));
}

bool was_closed(const fs::path& file) {
  const fs::path log = with_suffix(file, "-wal");
  return !fs::exists(log) || fs::file_size(log) == 0;
}

Soundness check_unless_large(const fs::path& file, Connection& connection) {
  if (fs::file_size(file) > checked_at_opening_bytes) return Soundness::unchecked;
  const std::string damage = find_damage(connection);
  if (!damage.empty()) throw Error(SQLITE_CORRUPT, damage);
  return Soundness::sound;
}

void prepare_for_writing(Connection& connection) {
  use_cache(connection, writer_cache_kib);
  connection.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = " +
      std::to_string(log_bytes_kept));
}

void migrate(Connection& connection, const Schema& schema) {
  for (auto version = stored_version(connection); version < schema.version(); ++version) {
    Transaction transaction(connection);
    run_migration(connection, schema, version);
    transaction.commit();
  }
}

OpenedFile open_existing(const fs::path& file, const Schema& schema, const std::function<void(Connection&)>& prepare) {
  const bool closed = was_closed(file);
  OpenedFile opened{Connection(file, Connection::Mode::read_write)};
  Connection& connection = opened.connection;
  check_ours(file, connection, schema);
  check_writable(file, connection);
  if (!closed) opened.soundness = check_unless_large(file, connection);
  prepare_for_writing(connection);
  migrate(connection, schema);
  Transaction transaction(connection);
  prepare(connection);
  transaction.commit();
  return opened;
}

}  // namespace

void refuse_foreign_database(const fs::path& file) {
  if (file.has_parent_path()) refuse_shared_folder(file.parent_path());
  for (const char* suffix : all_suffixes) refuse_foreign_file(with_suffix(file, suffix));
}

OpenedFile open_file(const fs::path& file, const Schema& schema, const std::function<void(Connection&)>& prepare) {
  try {
    if (file.has_parent_path()) refuse_shared_folder(file.parent_path());
    if (!fs::exists(file)) create_file(file, schema, prepare);
    make_all_private(file);
    return open_existing(file, schema, prepare);
  } catch (const Error& error) {
    throw std::runtime_error(explain(file, error));
  } catch (const fs::filesystem_error& error) {
    throw std::runtime_error(file_fault("can't read", file, error.code().value(),
                                        "give this process the right to read and write the folder"));
  }
}

Connection connect_writer(const fs::path& file) {
  Connection connection(file, Connection::Mode::read_write);
  prepare_for_writing(connection);
  return connection;
}

Connection connect(const fs::path& file) {
  Connection connection(file, Connection::Mode::read_write);
  use_cache(connection, reader_cache_kib);
  connection.execute("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
  keep_log_on_close(connection);
  return connection;
}

void remove_file(const fs::path& file) {
  // The file first: a log without its file is refused, not taken for another's.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    fs::remove(with_suffix(file, suffix), error);
    if (error) {
      throw std::runtime_error(file_fault("can't remove", with_suffix(file, suffix), error.value(),
                                          "give this process the right to write the folder"));
    }
  }
}

void keep_log_on_close(Connection& connection) {
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

std::string find_damage(Connection& connection) {
  auto check = connection.prepare("PRAGMA quick_check(1)");
  std::string found;
  while (check.step()) found = check.bytes(0);
  return found == "ok" ? std::string() : found;
}

std::string explain(const fs::path& file, const Error& error) {
  const std::string reason = error.what();
  switch (error.primary_code()) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return file.string() + " is damaged or not a database (" + reason +
             "); restore it from a backup, or move it and its -wal file away to start empty";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return file.string() + " is locked by another process (" + reason + "); end the program that holds it";
    case SQLITE_FULL:
      return "no space on the disk of " + file.string() + " (" + reason + "); free some and start again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "can't open " + file.string() + " for writing (" + reason +
             "); give this process the right to read and write the file and its folder";
    default:
      return "can't open " + file.string() + " (" + reason + "); check the disk and the file";
  }
}

}  // namespace troupe::storage::sqlite
