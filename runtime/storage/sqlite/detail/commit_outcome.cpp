#include <troupe/storage/sqlite/detail/commit_outcome.hpp>

namespace troupe::storage::sqlite {

CommitOutcome outcome_before_commit(const std::filesystem::path& file, const Error& error) {
  const std::string reason = error.what();
  const std::string name = file.string();
  switch (error.primary_code()) {
    case SQLITE_FULL:
      return {StoreStatus::full, CommitOutcome::Scope::database,
              "no space left for " + name + ": free some; service resumes"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {StoreStatus::corrupt, CommitOutcome::Scope::database, name + " is damaged: " + reason};
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
      return {StoreStatus::unavailable, CommitOutcome::Scope::request, "refused by " + name + ": " + reason};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {StoreStatus::unavailable, CommitOutcome::Scope::database,
              name + " is locked by another process: " + reason};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {StoreStatus::unavailable, CommitOutcome::Scope::database, name + " can't be written: " + reason};
    default:
      return {StoreStatus::unavailable, CommitOutcome::Scope::database, name + ": " + reason};
  }
}

CommitOutcome outcome_at_commit(const std::filesystem::path& file, const Error& error) {
  CommitOutcome outcome = outcome_before_commit(file, error);
  outcome.scope = CommitOutcome::Scope::database;
  if (outcome.status != StoreStatus::full) {
    outcome.status = StoreStatus::unknown;
    outcome.detail = "failed while committing: " + outcome.detail;
  }
  return outcome;
}

bool is_failed_sync(const Error& error) {
  return error.code() == SQLITE_IOERR_FSYNC || error.code() == SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace troupe::storage::sqlite
