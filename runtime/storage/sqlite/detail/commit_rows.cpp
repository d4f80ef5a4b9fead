// What one commit changes, row by row, in the transaction of its group.

#include <troupe/contract/operation_age.hpp>
#include <troupe/storage/sqlite/detail/commit_writer.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

namespace troupe::storage::sqlite {

namespace {

/// Operations that are recorded before old ones are looked for, and how many of those go at a time: the more, so that a
/// table that has grown gets smaller.
constexpr unsigned recorded_between = 64;
constexpr std::int64_t forgotten_at_a_time = 256;

}  // namespace

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
