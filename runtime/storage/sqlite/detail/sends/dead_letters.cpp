#include <troupe/storage/sqlite/detail/sends/dead_letters.hpp>

#include <string>
#include <string_view>

#include <troupe/storage/sqlite/detail/sends/outbox.hpp>

namespace troupe::storage::sqlite {

namespace {

/// Of every letter, and then what is longest.
constexpr std::string_view listed_columns =
    "sender, sequence, operation, protocol, target, message, principal_kind, principal_user, principal_role, trace, at,"
    " attempts, reason, died_at";

std::string select(std::string_view body, std::string_view condition) {
  return "SELECT " + std::string(listed_columns) + ", " + std::string(body) + " FROM dead_letter " +
         std::string(condition);
}

DeadLetter letter_of(const Statement& row) {
  DeadLetter letter;
  letter.sender = key_of_send(row.bytes(0));
  OutboxRow& send = letter.send;
  send.sequence = static_cast<std::uint64_t>(row.integer(1));
  send.operation = operation_of_send(row.bytes(2));
  send.protocol = row.bytes(3);
  send.target = key_of_send(row.bytes(4));
  send.message = row.bytes(5);
  send.principal = principal_of_send(row.integer(6), row.bytes(7), row.bytes(8));
  send.trace = row.bytes(9);
  send.at = Time(Time::duration(row.integer(10)));
  letter.attempts = static_cast<std::uint32_t>(row.integer(11));
  letter.reason = row.bytes(12);
  letter.died_at = Time(Time::duration(row.integer(13)));
  send.body = row.bytes(14);
  return letter;
}

}  // namespace

DeadLetters::DeadLetters(Connection& connection)
    : connection_(connection),
      bury_(connection.prepare(
          "INSERT INTO dead_letter SELECT sender, sequence, operation, protocol, target, message, principal_kind,"
          " principal_user, principal_role, trace, at, ?3, ?4, ?5, body FROM outbox WHERE sender = ?1 AND sequence = "
          "?2")),
      leave_outbox_(connection.prepare("DELETE FROM outbox WHERE sender = ?1 AND sequence = ?2")),
      revive_(connection.prepare(
          "INSERT INTO outbox SELECT sender, sequence, operation, protocol, target, message, body, principal_kind,"
          " principal_user, principal_role, trace, at FROM dead_letter WHERE sender = ?1 AND sequence = ?2")),
      drop_(connection.prepare("DELETE FROM dead_letter WHERE sender = ?1 AND sequence = ?2")) {}

void DeadLetters::apply(DeadLetterMove& move) {
  if (move.action == DeadLetterMove::Action::bury) return bury(move);
  move.found = read(move);
  if (!move.found) return;
  const std::string sender = move.letter.sender.to_bytes();
  if (move.action == DeadLetterMove::Action::revive) run_for(revive_, move.letter, sender);
  run_for(drop_, move.letter, sender);
}

void DeadLetters::bury(DeadLetterMove& move) {
  const std::string sender = move.letter.sender.to_bytes();
  bury_.bind(3, move.letter.attempts);
  bury_.bind_text(4, move.letter.reason);
  bury_.bind(5, move.letter.died_at.time_since_epoch().count());
  run_for(bury_, move.letter, sender);
  move.found = connection_.changes() == 1;
  if (move.found) run_for(leave_outbox_, move.letter, sender);
}

bool DeadLetters::read(DeadLetterMove& move) {
  bool found = false;
  scan_dead_letters(connection_, {.operation = move.letter.send.operation, .after = {}}, [&](const DeadLetter& letter) {
    move.letter = letter;
    found = true;
    return false;
  });
  return found;
}

void DeadLetters::run_for(Statement& statement, const DeadLetter& letter, std::string_view sender) {
  statement.bind_blob(1, sender);
  statement.bind(2, static_cast<std::int64_t>(letter.send.sequence));
  statement.run();
}

bool has_dead_letters(Connection& connection) {
  return connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'dead_letter'") == 1;
}

std::uint64_t count_dead_letters(Connection& connection) {
  return static_cast<std::uint64_t>(connection.integer("SELECT count(*) FROM dead_letter"));
}

void scan_dead_letters(Connection& connection, const DeadLetterScan& scan,
                       const std::function<bool(const DeadLetter&)>& visit) {
  auto rows = connection.prepare(scan.operation ? select("body", "WHERE operation = ?1")
                                                : select("''", "WHERE operation > ?1 ORDER BY operation"));
  const auto operation = to_bytes(scan.operation ? *scan.operation : scan.after.value_or(Uuid{}));
  rows.bind_blob(1, operation);
  while (rows.step() && visit(letter_of(rows))) {
  }
}

}  // namespace troupe::storage::sqlite
