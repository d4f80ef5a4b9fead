#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <troupe/storage/sqlite/detail/commit_outcome.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/sends/dead_letters.hpp>
#include <troupe/storage/sqlite/detail/sends/outbox.hpp>

namespace troupe::storage::sqlite {

/// What is written as a member of a group.
using WriteRequest = std::variant<CommitRequest*, DeadLetterMove*>;

/// Writes requests in groups: one SQLite transaction for all of them, each of which stands or falls alone.
///
/// A member's version fence is checked by its first statement, so a fenced member has written nothing and costs the
/// others nothing. Where another statement fails, or the disk is full, the whole transaction is undone and the members
/// are written again one by one. Threads: one at a time.
class CommitWriter {
 public:
  CommitWriter(Connection connection, std::filesystem::path file, std::vector<IndexDeclaration> indexes);
  /// Moves the log into the database, unless a sync has failed: then recovery must judge it by its checksums.
  ~CommitWriter();
  CommitWriter(const CommitWriter&) = delete;
  CommitWriter& operator=(const CommitWriter&) = delete;

  /// Writes each member or says why not, in its status. True: the delivered sends are forgotten. Errors: where it
  /// throws it must not be used again; each member's status is right, `unknown` where it is that.
  bool write(std::span<const WriteRequest> batch, std::span<const DeliveredSend> delivered);

  /// Forgets delivered sends on their own, without a sync: losing that costs one repeated delivery. True: forgotten.
  bool forget(std::span<const DeliveredSend> delivered);

  /// What came before this writer may have left a commit open.
  void doubt() { unsettled_ = true; }
  /// Another writer comes in its place: the log is left to that.
  void give_way() { keep_log_on_close(connection_); }
  /// Settles what an error at COMMIT left open and finds out whether commits work again.
  void probe();

  /// Why commits fail; empty when they don't.
  const std::string& trouble() const { return trouble_; }
  /// A commit failed in a way that a crash might still turn into success: nothing may be read until it is settled.
  bool unsettled() const { return unsettled_; }
  /// A sync failed: the process has to end.
  bool fatal() const { return fatal_; }

  /// Frames in the write-ahead log after the last commit.
  int log_frames() const { return log_frames_; }
  /// Moves what is left of the log into the database, so that the next commit starts the log anew.
  void finish_checkpoint();

 private:
  struct IndexStatements {
    Statement insert;
    Statement remove;
  };

  enum class CommitPoint : std::uint8_t { begin, statements, commit };

  struct Failure {
    CommitPoint point = CommitPoint::begin;
    CommitOutcome outcome;

    /// Nothing was written, and each member alone may fare better.
    bool worth_replaying() const { return point != CommitPoint::begin && outcome.status != StoreStatus::unknown; }
  };

  void prepare_statements();
  std::optional<Failure> attempt(std::span<const WriteRequest> batch, std::span<const DeliveredSend> delivered);
  Failure undo(CommitPoint point, const Error& error);
  bool settle();

  std::string refusal(const CommitRequest& request) const;
  void apply(CommitRequest& request);
  void apply(DeadLetterMove& move) { dead_letters_.apply(move); }
  bool pass_fence(const CommitRequest& request, std::string_view key);
  void remove_row(CommitRequest& request, std::string_view key);
  void write_tables(const CommitRequest& request, std::string_view key);
  void write_indexes(const CommitRequest& request, std::string_view key);
  void write_inbox(const CommitRequest& request, std::string_view key);
  /// Removes some of the operations that need no longer be known.
  void forget_operations(Time now);

  Connection connection_;
  std::filesystem::path file_;
  std::vector<IndexDeclaration> indexes_;
  std::string trouble_;
  bool unsettled_ = false;
  bool fatal_ = false;
  int log_frames_ = 0;

  Statement begin_;
  Statement commit_;
  Statement settle_;
  Statement entity_insert_;
  Statement entity_put_;
  Statement entity_touch_;
  Statement entity_remove_;
  Statement table_put_;
  Statement table_remove_;
  Statement table_clear_;
  Outbox outbox_;
  DeadLetters dead_letters_;
  Statement inbox_insert_;
  Statement inbox_forget_;
  unsigned recorded_ = 0;  ///< operations, since some were last forgotten
  std::vector<IndexStatements> index_statements_;
};

}  // namespace troupe::storage::sqlite
