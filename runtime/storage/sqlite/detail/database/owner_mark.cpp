#include <troupe/storage/sqlite/detail/database/owner_mark.hpp>

#include <string>

#include <troupe/wire/json.hpp>

namespace troupe::storage::sqlite {

std::optional<FileOwner> read_owner(Connection& connection) {
  auto row = connection.prepare("SELECT value FROM meta WHERE name = 'owner'");
  if (!row.step()) return std::nullopt;
  auto owner = wire::from_stored_json<FileOwner>(row.bytes(0));
  if (!owner) return std::nullopt;
  return std::move(*owner);
}

void write_owner(Connection& connection, const FileOwner& owner) {
  if (read_owner(connection) == owner) return;
  auto replace = connection.prepare("REPLACE INTO meta VALUES ('owner', ?1)");
  const std::string text = wire::to_json(owner);
  replace.bind_text(1, text);
  replace.run();
}

void add_owner(Connection& connection, const FileOwner& owner) {
  if (!read_owner(connection)) write_owner(connection, owner);
}

}  // namespace troupe::storage::sqlite
