#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <troupe/storage/node_record.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage {

/// `node.db` of a data folder: the node's starts, its secrets and what the folder says of its place.
///
/// Errors: throws std::runtime_error whose text names the file. Threads: one at a time.
class NodeDatabase {
 public:
  explicit NodeDatabase(const std::filesystem::path& folder);

  std::uint64_t begin_incarnation();

  std::optional<std::vector<std::byte>> secret(std::string_view name);
  void keep_secret(std::string_view name, const std::vector<std::byte>& value);

  NodeRecord record();
  /// Replaces all of it at once.
  void keep(const NodeRecord& record);
  void mark(const MoveMark& move);
  void unmark();

 private:
  std::filesystem::path folder_;
  std::filesystem::path file_;
  sqlite::Connection connection_;
};

}  // namespace troupe::storage
