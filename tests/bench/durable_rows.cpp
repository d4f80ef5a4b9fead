/// What the disk allows: rows made durable per second, one and a hundred a commit, by a preallocated log with
/// fdatasync (the limit) and by SQLite in WAL mode with synchronous=FULL.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/bench/sample.hpp"

using namespace troupe::bench;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t row_bytes = 256;
constexpr off_t log_bytes = 256L * 1024 * 1024;

/// Commits until `longest` is over and gives the rows per second.
double rows_per_second(std::chrono::milliseconds longest, std::size_t rows_per_commit,
                       const std::function<void(std::size_t)>& commit_rows) {
  commit_rows(rows_per_commit);
  const Clock::time_point begin = Clock::now();
  std::size_t rows = 0;
  while (Clock::now() - begin < longest) {
    commit_rows(rows_per_commit);
    rows += rows_per_commit;
  }
  return static_cast<double>(rows) / std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A log file whose blocks are written once beforehand, so that fdatasync has no metadata to write.
class PreallocatedLog {
 public:
  explicit PreallocatedLog(const std::filesystem::path& path)
      : file_(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644)) {
    if (file_ < 0) throw std::runtime_error("cannot create " + path.string());
    const std::string zeros(1024 * 1024, '\0');
    for (off_t offset = 0; offset < log_bytes; offset += static_cast<off_t>(zeros.size())) write_at(offset, zeros);
    if (fsync(file_) != 0) throw std::runtime_error("fsync failed");
  }
  ~PreallocatedLog() { close(file_); }
  PreallocatedLog(const PreallocatedLog&) = delete;
  PreallocatedLog& operator=(const PreallocatedLog&) = delete;

  void append_and_sync(std::size_t rows) {
    const std::string batch(rows * row_bytes, 'r');
    if (end_ + static_cast<off_t>(batch.size()) > log_bytes) end_ = 0;
    write_at(end_, batch);
    end_ += static_cast<off_t>(batch.size());
    if (fdatasync(file_) != 0) throw std::runtime_error("fdatasync failed");
  }

 private:
  void write_at(off_t offset, const std::string& bytes) const {
    if (pwrite(file_, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("the log could not be written");
  }

  int file_;
  off_t end_ = 0;
};

class SqliteTable {
 public:
  explicit SqliteTable(const std::filesystem::path& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("cannot open " + path.string());
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=FULL");
    execute("CREATE TABLE state(key BLOB PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID");
    const char* sql = "INSERT INTO state(key, body) VALUES(?1, ?2)";
    if (sqlite3_prepare_v2(database_, sql, -1, &insert_, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_));
  }
  ~SqliteTable() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  SqliteTable(const SqliteTable&) = delete;
  SqliteTable& operator=(const SqliteTable&) = delete;

  void insert_and_commit(std::size_t rows) {
    execute("BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < rows; ++i) {
      // Time-ordered keys, as the entities have.
      for (std::size_t byte = 0; byte < sizeof next_key_; ++byte)
        key_[7 - byte] = static_cast<char>(next_key_ >> (8 * byte));
      ++next_key_;
      sqlite3_bind_blob(insert_, 1, key_.data(), static_cast<int>(key_.size()), SQLITE_STATIC);
      sqlite3_bind_text(insert_, 2, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
      if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
      sqlite3_reset(insert_);
    }
    execute("COMMIT");
  }

 private:
  void execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(database_));
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::uint64_t next_key_ = 1;
  std::string key_ = std::string(16, '\0');
  std::string body_ = std::string(row_bytes - 16, 'r');
};

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path folder;
  int milliseconds = 2'000;
  CLI::App options("Measures durable rows per second of 256 bytes.");
  options.add_option("folder", folder, "an empty folder on the disk to be measured")->required();
  options.add_option("--milliseconds", milliseconds, "for each figure")->check(CLI::PositiveNumber);
  CLI11_PARSE(options, argc, argv);

  const std::chrono::milliseconds longest(milliseconds);
  PreallocatedLog log(folder / "log");
  const auto append = [&log](std::size_t rows) { log.append_and_sync(rows); };
  print_sample({"log_1", rows_per_second(longest, 1, append), "rows/s"});
  print_sample({"log_100", rows_per_second(longest, 100, append), "rows/s"});

  SqliteTable table(folder / "rows.db");
  const auto insert = [&table](std::size_t rows) { table.insert_and_commit(rows); };
  print_sample({"sqlite_full_1", rows_per_second(longest, 1, insert), "rows/s"});
  print_sample({"sqlite_full_100", rows_per_second(longest, 100, insert), "rows/s"});
}
