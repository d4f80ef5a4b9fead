#include <troupe/storage/sqlite/detail/sends/outbox.hpp>

#include <algorithm>

namespace troupe::storage::sqlite {

namespace {

Principal::Kind kind_of(std::int64_t number) {
  constexpr auto last = static_cast<std::int64_t>(Principal::Kind::node);
  if (number < 0 || number > last) throw Error(SQLITE_CORRUPT, "a stored send has an unknown principal");
  return static_cast<Principal::Kind>(number);
}

}  // namespace

Key key_of_send(std::string_view bytes) {
  const auto key = Key::from_bytes(std::as_bytes(std::span(bytes)));
  if (!key) throw Error(SQLITE_CORRUPT, "a stored send has a malformed key");
  return *key;
}

Uuid operation_of_send(std::string_view bytes) {
  std::array<std::byte, 16> raw{};
  if (bytes.size() != raw.size()) throw Error(SQLITE_CORRUPT, "a stored send has a malformed id");
  std::ranges::copy(std::as_bytes(std::span(bytes)), raw.begin());
  return uuid_from_bytes(raw);
}

Principal principal_of_send(std::int64_t kind, std::string_view user, std::string_view role) {
  return {kind_of(kind), operation_of_send(user), std::string(role)};
}

Outbox::Outbox(Connection& connection)
    : insert_(connection.prepare("INSERT INTO outbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")),
      remove_(connection.prepare("DELETE FROM outbox WHERE sender = ?1 AND sequence = ?2")) {}

void Outbox::add(std::string_view sender, const OutboxRow& row) {
  const auto operation = to_bytes(row.operation);
  const auto user = to_bytes(row.principal.user);
  const std::string target = row.target.to_bytes();
  insert_.bind_blob(1, sender);
  insert_.bind(2, static_cast<std::int64_t>(row.sequence));
  insert_.bind_blob(3, operation);
  insert_.bind_text(4, row.protocol);
  insert_.bind_blob(5, target);
  insert_.bind_text(6, row.message);
  insert_.bind_text(7, row.body);
  insert_.bind(8, static_cast<std::int64_t>(row.principal.kind));
  insert_.bind_blob(9, user);
  insert_.bind_text(10, row.principal.role);
  insert_.bind_text(11, row.trace);
  insert_.bind(12, row.at.time_since_epoch().count());
  insert_.run();
}

void Outbox::remove(const DeliveredSend& send) {
  remove_.bind_blob(1, send.sender);
  remove_.bind(2, static_cast<std::int64_t>(send.sequence));
  remove_.run();
}

std::vector<PendingSend> Outbox::read(Connection& connection) {
  std::vector<PendingSend> pending;
  auto rows = connection.prepare(
      "SELECT sender, sequence, operation, protocol, target, message, body, principal_kind, principal_user,"
      " principal_role, trace, at FROM outbox ORDER BY sender, sequence");
  while (rows.step()) {
    OutboxRow row;
    row.sequence = static_cast<std::uint64_t>(rows.integer(1));
    row.operation = operation_of_send(rows.bytes(2));
    row.protocol = rows.bytes(3);
    row.target = key_of_send(rows.bytes(4));
    row.message = rows.bytes(5);
    row.body = rows.bytes(6);
    row.principal = principal_of_send(rows.integer(7), rows.bytes(8), rows.bytes(9));
    row.trace = rows.bytes(10);
    row.at = Time(Time::duration(rows.integer(11)));
    pending.push_back({key_of_send(rows.bytes(0)), std::move(row)});
  }
  return pending;
}

}  // namespace troupe::storage::sqlite
