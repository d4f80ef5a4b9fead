#pragma once

#include <cstdint>

#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// The name of a VFS that can gather what SQLite appends to a write-ahead log into few large writes.
///
/// SQLite writes each changed page in two calls, 24 bytes and 4096; a group commit has some hundred of them, which
/// cost more than all else in it. Everything but the log goes to SQLite's default VFS untouched.
/// Threads: any.
const char* wal_vfs();

/// `gathered`: writes to the log wait in memory until it is synced, or until anything else is done with it. Only right
/// where each commit is synced (synchronous=FULL): SQLite shows a commit to other connections after that. An error of
/// a gathered write is the sync's result, with the write's own code. `direct`: each write goes to the disk at once.
enum class LogWrites : std::uint8_t { direct, gathered };

/// For the log of this connection, which is `direct` at first. Errors: throws Error.
void use_log_writes(Connection& connection, LogWrites mode);

}  // namespace troupe::storage::sqlite
