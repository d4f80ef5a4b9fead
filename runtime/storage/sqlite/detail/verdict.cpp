#include <troupe/storage/sqlite/detail/verdict.hpp>

namespace troupe::storage::sqlite {

using engine::StoreStatus;

Verdict judge_before_commit(const std::filesystem::path& file, const Error& error) {
  const std::string reason = error.what();
  const std::string name = file.string();
  switch (error.primary_code()) {
    case SQLITE_FULL:
      return {StoreStatus::full, Verdict::Scope::database,
              "no space left for " + name + ": free some; service resumes"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {StoreStatus::corrupt, Verdict::Scope::database, name + " is damaged: " + reason};
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
      return {StoreStatus::unavailable, Verdict::Scope::request, "refused by " + name + ": " + reason};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {StoreStatus::unavailable, Verdict::Scope::database, name + " is locked by another process: " + reason};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {StoreStatus::unavailable, Verdict::Scope::database, name + " can't be written: " + reason};
    default:
      return {StoreStatus::unavailable, Verdict::Scope::database, name + ": " + reason};
  }
}

Verdict judge_at_commit(const std::filesystem::path& file, const Error& error) {
  Verdict verdict = judge_before_commit(file, error);
  verdict.scope = Verdict::Scope::database;
  if (verdict.status != StoreStatus::full) {
    verdict.status = StoreStatus::unknown;
    verdict.detail = "failed while committing: " + verdict.detail;
  }
  return verdict;
}

bool is_failed_sync(const Error& error) {
  return error.code() == SQLITE_IOERR_FSYNC || error.code() == SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace troupe::storage::sqlite
