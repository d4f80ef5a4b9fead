#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stdexcept>

#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// The SQL that takes a file from schema version N to N + 1, by its place in the schema's list.
using Migration = const char*;

/// What makes a database file ours: its id in the header and its migrations; their number is the version we know.
///
/// Migrations only go forward and are never edited once released: version N's file must be what every earlier file
/// becomes. `meta` (name, value) is there before the first one.
struct Schema {
  std::int32_t application_id = 0;
  std::span<const Migration> migrations;

  std::int64_t version() const { return static_cast<std::int64_t>(migrations.size()); }
};

/// Whether the file may be relied on. `unchecked`: it was not closed (its log is still there) and is too large to be
/// checked in the time of a start; see find_damage.
enum class Soundness : std::uint8_t { sound, unchecked };

struct OpenedFile {
  Connection connection;
  Soundness soundness = Soundness::sound;
};

/// Opens a database file for writing in WAL mode with synchronous=FULL; creates it or migrates it where needed.
///
/// Creation is one step: a crash leaves either no file or a whole one. `prepare` runs at every opening, in a
/// transaction that is kept if it changed something: for a new file in the one that creates it. Errors: throws
/// std::runtime_error whose text names the file, what is wrong and what to do.
OpenedFile open_file(const std::filesystem::path& file, const Schema& schema,
                     const std::function<void(Connection&)>& prepare);

/// A connection to write by, to a file that `open_file` has opened, in the place of the one that it gave. Errors:
/// throws Error.
Connection connect_writer(const std::filesystem::path& file);

/// Before a file is only read. Errors: throws Untrusted where another user may write it, its logs or its folder.
void refuse_foreign_database(const std::filesystem::path& file);

/// A further connection to a file that `open_file` has opened; it leaves the log alone. Errors: throws Error.
Connection connect(const std::filesystem::path& file);

/// Removes a file that nobody has open, with its log; not durably before its folder is synced.
/// Errors: throws std::runtime_error.
void remove_file(const std::filesystem::path& file);

/// Closing the connection leaves the log as it is, for the next opening to recover from.
void keep_log_on_close(Connection& connection);

/// Checks the whole file: empty when it is sound, else what is damaged. Errors: throws Error when it can't be read.
std::string find_damage(Connection& connection);

/// What an error at opening means, for whoever runs the node.
std::string explain(const std::filesystem::path& file, const Error& error);

/// The result of `work`. Errors: what it throws as an Error is thrown explained, as std::runtime_error.
template <class F>
auto explained(const std::filesystem::path& file, F work) {
  try {
    return work();
  } catch (const Error& error) {
    throw std::runtime_error(explain(file, error));
  }
}

}  // namespace troupe::storage::sqlite
