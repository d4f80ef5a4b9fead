#pragma once

#include <optional>

#include <troupe/storage/file_owner.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

/// How a protocol's file keeps its owner: as JSON, in the row `owner` of `meta`. Errors: throws Error.
namespace troupe::storage::sqlite {

std::optional<FileOwner> read_owner(Connection& connection);
void write_owner(Connection& connection, const FileOwner& owner);
/// Only where there is none yet.
void add_owner(Connection& connection, const FileOwner& owner);

}  // namespace troupe::storage::sqlite
