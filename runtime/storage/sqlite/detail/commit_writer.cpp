#include <troupe/storage/sqlite/detail/commit_writer.hpp>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>
#include <troupe/storage/sqlite/detail/database/wal_vfs.hpp>

namespace troupe::storage::sqlite {

namespace {

int keep_log_frames(void* frames, sqlite3*, const char*, int in_log) {
  *static_cast<int*>(frames) = in_log;
  return SQLITE_OK;
}

void answer(const WriteRequest& request, StoreStatus status, const std::string& detail) {
  std::visit(
      [&](auto* r) {
        r->status = status;
        r->detail = detail;
      },
      request);
}

/// Of a member that nothing has refused: whether it is written shows when the transaction has ended. What is thrown
/// until then leaves it so.
constexpr auto in_transaction = StoreStatus::unknown;

void change_status(std::span<const WriteRequest> batch, StoreStatus from, StoreStatus to) noexcept {
  for (const auto& request : batch) {
    std::visit([=](auto* r) { r->status = r->status == from ? to : r->status; }, request);
  }
}

StoreStatus status_of(const WriteRequest& request) {
  return std::visit([](const auto* r) { return r->status; }, request);
}

}  // namespace

CommitWriter::CommitWriter(Connection connection, std::filesystem::path file, std::vector<IndexDeclaration> indexes)
    : connection_(std::move(connection)),
      file_(std::move(file)),
      indexes_(std::move(indexes)),
      outbox_(connection_),
      dead_letters_(connection_) {
  sqlite3_wal_hook(connection_.handle(), keep_log_frames, &log_frames_);
  prepare_statements();
  use_log_writes(connection_, LogWrites::gathered);
}

CommitWriter::~CommitWriter() {
  if (fatal_) keep_log_on_close(connection_);
}

void CommitWriter::prepare_statements() {
  begin_ = connection_.prepare("BEGIN IMMEDIATE");
  commit_ = connection_.prepare("COMMIT");
  settle_ = connection_.prepare("UPDATE meta SET value = value + 1 WHERE name = 'settled'");
  entity_insert_ = connection_.prepare("INSERT INTO entity VALUES (?1, 1, ?2, ?3) ON CONFLICT DO NOTHING");
  entity_put_ = connection_.prepare(
      "UPDATE entity SET version = version + 1, layout = ?3, body = ?4 WHERE key = ?1 AND version = ?2");
  entity_touch_ = connection_.prepare("UPDATE entity SET version = version + 1 WHERE key = ?1 AND version = ?2");
  table_put_ = connection_.prepare("REPLACE INTO table_row VALUES (?1, ?2, ?3, ?4)");
  table_remove_ = connection_.prepare("DELETE FROM table_row WHERE key = ?1 AND state_table = ?2 AND item = ?3");
  table_clear_ = connection_.prepare("DELETE FROM table_row WHERE key = ?1");
  entity_remove_ = connection_.prepare(
      "DELETE FROM entity WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE sender = ?1)"
      " AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE sender = ?1)");
  inbox_insert_ = connection_.prepare("INSERT INTO inbox VALUES (?1, ?2, ?3, ?4)");
  inbox_forget_ = connection_.prepare(
      "DELETE FROM inbox WHERE (operation, key) IN (SELECT operation, key FROM inbox WHERE operation < ?1 LIMIT ?2)");
  for (const auto& index : indexes_) {
    const std::string table = index_table(index.name);
    index_statements_.push_back({connection_.prepare("INSERT OR IGNORE INTO " + table + " VALUES (?1, ?2)"),
                                 connection_.prepare("DELETE FROM " + table + " WHERE value = ?1 AND key = ?2")});
  }
}

bool CommitWriter::write(std::span<const WriteRequest> batch, std::span<const DeliveredSend> delivered) {
  if (fatal_ || (unsettled_ && !settle())) {
    for (const auto& request : batch) answer(request, StoreStatus::unavailable, trouble_);
    return false;
  }
  const int changes_before = sqlite3_total_changes(connection_.handle());
  const auto failure = attempt(batch, delivered);
  // What changes nothing writes nothing, and does not show that the disk takes commits again.
  if (!failure && sqlite3_total_changes(connection_.handle()) != changes_before) trouble_.clear();
  if (!failure) return true;
  const bool alone = batch.size() + (delivered.empty() ? 0 : 1) == 1;
  if (failure->worth_replaying() && !alone) {
    change_status(batch, in_transaction, StoreStatus::unavailable);
    for (const auto& request : batch) write({&request, 1}, {});
    return false;
  }
  if (failure->outcome.scope == CommitOutcome::Scope::database && !fatal_) trouble_ = failure->outcome.detail;
  if (unsettled_ && !fatal_) settle();
  for (const auto& request : batch) {
    // Who was refused by a fence stays refused: whatever became of the commit, it was no part of it.
    const bool was_in = failure->point == CommitPoint::begin || status_of(request) == in_transaction;
    if (was_in) answer(request, failure->outcome.status, failure->outcome.detail);
  }
  return false;
}

std::optional<CommitWriter::Failure> CommitWriter::attempt(std::span<const WriteRequest> batch,
                                                           std::span<const DeliveredSend> delivered) {
  CommitPoint point = CommitPoint::begin;
  try {
    begin_.run();
    point = CommitPoint::statements;
    for (const auto& send : delivered) outbox_.remove(send);
    for (const auto& request : batch) {
      answer(request, in_transaction, {});  // unless a statement says otherwise
      std::visit([this](auto* r) { apply(*r); }, request);
    }
    point = CommitPoint::commit;
    commit_.run();
    change_status(batch, in_transaction, StoreStatus::done);
    return std::nullopt;
  } catch (const Error& error) {
    return undo(point, error);
  } catch (...) {
    // It is nobody's failure, and the writer's end.
    connection_.roll_back_if_open();
    const bool is_undone = point != CommitPoint::commit && !connection_.in_transaction();
    if (is_undone) change_status(batch, in_transaction, StoreStatus::unavailable);
    throw;
  }
}

CommitWriter::Failure CommitWriter::undo(CommitPoint point, const Error& error) {
  // First, so that nothing thrown on the way lets the process live.
  if (is_failed_sync(error)) fatal_ = true;
  connection_.roll_back_if_open();
  Failure failure{point,
                  point == CommitPoint::commit ? outcome_at_commit(file_, error) : outcome_before_commit(file_, error)};
  if (connection_.in_transaction()) {
    unsettled_ = true;
    if (point == CommitPoint::commit) failure.outcome.status = StoreStatus::unknown;
  }
  if (failure.outcome.status == StoreStatus::unknown) unsettled_ = true;
  if (fatal_) trouble_ = file_.string() + " could not be synced to disk: " + error.what();
  return failure;
}

bool CommitWriter::forget(std::span<const DeliveredSend> delivered) {
  if (fatal_ || unsettled_) return false;
  try {
    use_log_writes(connection_, LogWrites::direct);
    connection_.execute("PRAGMA synchronous = NORMAL");
    const bool forgotten = write({}, delivered);
    connection_.execute("PRAGMA synchronous = FULL");
    use_log_writes(connection_, LogWrites::gathered);
    return forgotten;
  } catch (const Error& error) {
    // Without certainty about the setting no further commit may count on a sync.
    fatal_ = true;
    trouble_ = file_.string() + ": can't set synchronous: " + error.what();
    return false;
  }
}

void CommitWriter::probe() {
  if (!fatal_) settle();
}

/// A commit of our own takes the place in the log where an uncertain one may lie, and so decides that it never was.
bool CommitWriter::settle() {
  connection_.roll_back_if_open();
  CommitPoint point = CommitPoint::begin;
  try {
    begin_.run();
    point = CommitPoint::statements;
    settle_.run();
    point = CommitPoint::commit;
    commit_.run();
    unsettled_ = false;
    trouble_.clear();
    return true;
  } catch (const Error& error) {
    const auto failure = undo(point, error);
    if (!fatal_) trouble_ = failure.outcome.detail;
    return false;
  }
}

void CommitWriter::finish_checkpoint() {
  try {
    connection_.checkpoint();
  } catch (const Error& error) {
    if (!is_failed_sync(error)) return;  // it stays in the log, and is tried again
    fatal_ = true;
    trouble_ = file_.string() + " could not be synced to disk: " + error.what();
  }
}

}  // namespace troupe::storage::sqlite
