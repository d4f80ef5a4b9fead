#include <troupe/storage/file_owner.hpp>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/owner_mark.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

std::optional<FileOwner> peek_owner(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  sqlite::refuse_foreign_database(file);
  try {
    sqlite::Connection connection(file, sqlite::Connection::Mode::read_only);
    return sqlite::read_owner(connection);
  } catch (const sqlite::Error&) {
    return std::nullopt;
  }
}

void replace_owner(const fs::path& file, const FileOwner& owner) {
  if (!fs::exists(file)) return;
  sqlite::open_file(file, sqlite::store_schema(),
                    [&](sqlite::Connection& connection) { sqlite::write_owner(connection, owner); });
}

}  // namespace troupe::storage
