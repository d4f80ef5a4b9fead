#include <troupe/storage/sqlite/detail/commit_writer.hpp>

#include <troupe/contract/operation_age.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>
#include <troupe/storage/sqlite/detail/database/wal_vfs.hpp>

namespace troupe::storage::sqlite {

namespace {

/// Operations that are recorded before old ones are looked for, and how many of those go at a time: the more, so that a
/// table that has grown gets smaller.
constexpr unsigned recorded_between = 64;
constexpr std::int64_t forgotten_at_a_time = 256;

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
    for (const auto& request : batch) write({&request, 1}, {});
    return false;
  }
  if (failure->outcome.scope == CommitOutcome::Scope::database && !fatal_) trouble_ = failure->outcome.detail;
  if (unsettled_ && !fatal_) settle();
  for (const auto& request : batch) {
    // Who was refused by a fence stays refused: whatever became of the commit, it was no part of it.
    const bool was_in = failure->point == CommitPoint::begin || status_of(request) == StoreStatus::done;
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
      answer(request, StoreStatus::done, {});  // until a statement says otherwise
      std::visit([this](auto* r) { apply(*r); }, request);
    }
    point = CommitPoint::commit;
    commit_.run();
    return std::nullopt;
  } catch (const Error& error) {
    return undo(point, error);
  }
}

CommitWriter::Failure CommitWriter::undo(CommitPoint point, const Error& error) {
  connection_.roll_back_if_open();
  Failure failure{point,
                  point == CommitPoint::commit ? outcome_at_commit(file_, error) : outcome_before_commit(file_, error)};
  if (connection_.in_transaction()) {
    unsettled_ = true;
    if (point == CommitPoint::commit) failure.outcome.status = StoreStatus::unknown;
  }
  if (failure.outcome.status == StoreStatus::unknown) unsettled_ = true;
  if (is_failed_sync(error)) {
    fatal_ = true;
    trouble_ = file_.string() + " could not be synced to disk: " + error.what();
  }
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

std::string CommitWriter::refusal(const CommitRequest& request) const {
  for (const auto& change : request.indexes) {
    if (change.index >= indexes_.size()) return "index " + std::to_string(change.index) + " is not declared";
    const auto& index = indexes_[change.index];
    for (const auto* value : {&change.before, &change.after}) {
      if (*value && !fits(index.type, **value)) return "a value of index " + index.name + " has another type";
    }
  }
  return {};
}

void CommitWriter::apply(CommitRequest& request) {
  request.row_is_gone = false;
  if (!request.indexes.empty()) {
    if (auto text = refusal(request); !text.empty()) {
      request.status = StoreStatus::unavailable;
      request.detail = "refused by " + file_.string() + ": " + text;
      return;
    }
  }
  const std::string key = request.key.to_bytes();
  if (!pass_fence(request, key)) {
    request.status = StoreStatus::fenced;
    request.detail = "another commit came first";
    return;
  }
  write_tables(request, key);
  write_indexes(request, key);
  for (const auto& send : request.sends) outbox_.add(key, send);
  write_inbox(request, key);
  if (request.state == CommitRequest::State::erase) remove_row(request, key);
}

bool CommitWriter::pass_fence(const CommitRequest& request, std::string_view key) {
  const bool put = request.state == CommitRequest::State::put;
  const bool touch = request.state == CommitRequest::State::untouched;
  if (request.expected_version == 0) {
    entity_insert_.bind_blob(1, key);
    entity_insert_.bind(2, request.layout);
    put ? entity_insert_.bind_text(3, request.body) : entity_insert_.bind_null(3);
    entity_insert_.run();
    return connection_.changes() == 1;
  }
  Statement& update = touch ? entity_touch_ : entity_put_;
  update.bind_blob(1, key);
  update.bind(2, static_cast<std::int64_t>(request.expected_version));
  if (!touch) {
    update.bind(3, request.layout);
    put ? update.bind_text(4, request.body) : update.bind_null(4);
  }
  update.run();
  return connection_.changes() == 1;
}

void CommitWriter::remove_row(CommitRequest& request, std::string_view key) {
  entity_remove_.bind_blob(1, key);
  entity_remove_.run();
  request.row_is_gone = connection_.changes() == 1;
}

void CommitWriter::write_tables(const CommitRequest& request, std::string_view key) {
  if (request.state == CommitRequest::State::erase) {
    table_clear_.bind_blob(1, key);
    table_clear_.run();
  }
  for (const auto& change : request.tables) {
    Statement& statement = change.body ? table_put_ : table_remove_;
    statement.bind_blob(1, key);
    statement.bind(2, change.table);
    statement.bind_text(3, change.item);
    if (change.body) statement.bind_text(4, *change.body);
    statement.run();
  }
}

void CommitWriter::write_indexes(const CommitRequest& request, std::string_view key) {
  for (const auto& change : request.indexes) {
    if (change.before == change.after) continue;
    auto& statements = index_statements_[change.index];
    if (change.before) {
      bind(statements.remove, 1, *change.before);
      statements.remove.bind_blob(2, key);
      statements.remove.run();
    }
    if (change.after) {
      bind(statements.insert, 1, *change.after);
      statements.insert.bind_blob(2, key);
      statements.insert.run();
    }
  }
}

void CommitWriter::write_inbox(const CommitRequest& request, std::string_view key) {
  for (const auto& row : request.inbox) {
    const auto operation = to_bytes(row.operation);
    inbox_insert_.bind_blob(1, operation);
    inbox_insert_.bind_blob(2, key);
    inbox_insert_.bind_text(3, row.reply);
    inbox_insert_.bind(4, row.at.time_since_epoch().count());
    inbox_insert_.run();
    if (++recorded_ >= recorded_between) forget_operations(row.at);
  }
}

void CommitWriter::forget_operations(Time now) {
  recorded_ = 0;
  const auto least = to_bytes(least_kept(now));
  inbox_forget_.bind_blob(1, least);
  inbox_forget_.bind(2, forgotten_at_a_time);
  inbox_forget_.run();
}

}  // namespace troupe::storage::sqlite
