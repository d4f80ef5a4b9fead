#pragma once

#include <cstdint>
#include <functional>

#include <troupe/contract/store.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// The table of dead letters, on the writer's side: rows go over from the outbox and back, unchanged.
class DeadLetters {
 public:
  explicit DeadLetters(Connection& connection);

  /// Makes the move and tells in it what was found. Inside a transaction. Errors: throws Error.
  void apply(DeadLetterMove& move);

 private:
  void bury(DeadLetterMove& move);
  /// The letter of this operation, if there is one, read whole.
  bool read(DeadLetterMove& move);
  void run_for(Statement& statement, const DeadLetter& letter, std::string_view sender);

  Connection& connection_;
  Statement bury_;
  Statement leave_outbox_;
  Statement revive_;
  Statement drop_;
};

/// Whether the file is of a version that has the table. Errors: throws Error.
bool has_dead_letters(Connection& connection);

/// How many there are. Errors: throws Error.
std::uint64_t count_dead_letters(Connection& connection);

/// Visits them by operation until `visit` returns false. Errors: throws Error, for a malformed row too.
void scan_dead_letters(Connection& connection, const DeadLetterScan& scan,
                       const std::function<bool(const DeadLetter&)>& visit);

}  // namespace troupe::storage::sqlite
