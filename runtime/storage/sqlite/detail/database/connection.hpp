#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::storage::sqlite {

/// An error that SQLite reported, with its extended result code.
class Error : public std::runtime_error {
 public:
  Error(int code, const std::string& text) : std::runtime_error(text), code_(code) {}

  int code() const { return code_; }
  int primary_code() const { return code_ & 0xff; }

 private:
  int code_;
};

/// A prepared statement that is run again and again. Text and blobs are not copied: they live until the run ends.
///
/// Errors: everything that fails throws Error and leaves the statement reset.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* database, std::string_view sql);

  void bind(int position, std::int64_t value);
  void bind_text(int position, std::string_view text);
  void bind_blob(int position, std::string_view bytes);
  void bind_blob(int position, std::span<const std::byte> bytes);
  void bind_null(int position);

  /// True: a row can be read. False: the statement is done and reset.
  bool step();
  /// Steps to the end, ignoring rows.
  void run();
  void reset() { sqlite3_reset(statement_.get()); }

  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  int columns() const { return sqlite3_column_count(statement_.get()); }
  /// SQLite's number of the value's type, as long as `bytes` has not made a text of it.
  int type(int column) const { return sqlite3_column_type(statement_.get(), column); }
  /// A text's or blob's bytes, which live until the next step.
  std::string_view bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  [[noreturn]] void fail();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection to one database file. Threads: one at a time.
class Connection {
 public:
  enum class Mode : std::uint8_t { create, read_write, read_only };

  Connection(const std::filesystem::path& file, Mode mode);

  void execute(const std::string& sql);
  Statement prepare(std::string_view sql) { return Statement(handle_.get(), sql); }
  /// The first column of the first row; 0 when there is none.
  std::int64_t integer(std::string_view sql);

  /// Rows that the last INSERT, UPDATE or DELETE changed.
  int changes() const { return sqlite3_changes(handle_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  void roll_back_if_open() noexcept;

  /// Moves what it can of the write-ahead log into the database, waiting for nobody.
  void checkpoint();

  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  std::unique_ptr<sqlite3, Close> handle_;
};

/// Rolls back when it leaves without `commit`.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) { connection_.execute("BEGIN IMMEDIATE"); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { connection_.roll_back_if_open(); }

  void commit() { connection_.execute("COMMIT"); }

 private:
  Connection& connection_;
};

}  // namespace troupe::storage::sqlite
