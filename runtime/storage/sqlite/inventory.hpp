#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/actor/stored.hpp"

namespace troupe::storage {

/// An entity as it rests.
struct RestingEntity {
  Key key;
  std::string body;            ///< JSON
  std::vector<TableRow> rows;  ///< of its tables, by table and item
};

/// All that one database holds of a protocol.
struct Inventory {
  std::vector<RestingEntity> entities;  ///< that have a state, by key
  std::size_t undelivered = 0;          ///< sends in the outbox
};

/// Reads a protocol's database whole, in one snapshot; also while a node uses it. For tests and small databases.
/// Errors: throws std::runtime_error whose text names the file.
Inventory take_inventory(const std::filesystem::path& database);

}  // namespace troupe::storage
