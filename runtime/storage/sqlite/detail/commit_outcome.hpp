#pragma once

#include <filesystem>
#include <string>

#include <troupe/contract/store.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// What an error means for the requests that met it.
struct CommitOutcome {
  /// Whose trouble it is: one request's own (it breaks a constraint), or everybody's (the disk, the file).
  enum class Scope : std::uint8_t { request, database };

  StoreStatus status = StoreStatus::unavailable;
  Scope scope = Scope::database;
  std::string detail;
};

/// An error before COMMIT, or while reading: the transaction was undone, so nothing was written.
CommitOutcome outcome_before_commit(const std::filesystem::path& file, const Error& error);

/// An error at COMMIT, after a ROLLBACK.
///
/// A full disk is certain, everything else is `unknown`. In WAL mode COMMIT appends the changed pages to the log as
/// checksummed frames, the last of which alone marks the commit, and then syncs. SQLite says "full" only of a write
/// that came out short, so the commit frame is not whole in the log (its checksum covers all frames before it), nothing
/// was synced, and the next commit overwrites what lies there; a crash before that recovers up to the last whole commit
/// frame. It is the same where the frames are gathered and written when the log is synced (wal_vfs.hpp): the write
/// fails before the sync. Two things this rests on: device characteristics with "powersafe overwrite" (SQLite's
/// default), which keep it from appending padding after the commit frame; and that running out of space in the
/// wal-index or in fsync is another error code (SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_FSYNC), which is not taken for
/// certain.
CommitOutcome outcome_at_commit(const std::filesystem::path& file, const Error& error);

/// After a failed sync the kernel may have dropped the pages it could not write: a second sync that succeeds proves
/// nothing, so the process has to end and recover from what is on the disk. Source: "Can Applications Recover from
/// fsync Failures?", USENIX ATC 2020.
bool is_failed_sync(const Error& error);

}  // namespace troupe::storage::sqlite
