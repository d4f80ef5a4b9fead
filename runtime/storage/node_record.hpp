#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <troupe/storage/layout.hpp>

namespace troupe::storage {

/// Which node of which topology a data folder belongs to.
struct FolderOwner {
  std::string topology;
  std::string node;
  std::string files;  ///< of the topology, as it was last started; empty: built in
};

struct RecordedDatabase {
  ProtocolDatabase database;
  std::uint32_t hash = 1;
  std::string moved_to;  ///< the files of the topology that has its rows now; empty: they are here
};

/// A move of data that this folder takes part in.
struct MoveMark {
  std::string digest;  ///< tells the move from others
  std::string from;    ///< the files of both topologies
  std::string to;
};

/// What a data folder says of its own place: kept in its `node.db`.
struct NodeRecord {
  std::optional<FolderOwner> owner;  ///< nothing: the folder is new, or an older version made it
  std::vector<RecordedDatabase> databases;
  std::optional<MoveMark> move;  ///< begun and not finished
};

/// The file whose presence says that a recorded database is gone for good, and its rows are given up. It is removed
/// when the record is kept anew.
std::filesystem::path given_up_mark(const std::filesystem::path& database);

/// The record of a folder that another process may be using; nothing where it has no `node.db`, or one of a version
/// that kept no record. Errors: throws std::runtime_error.
std::optional<NodeRecord> peek_record(const std::filesystem::path& folder);

}  // namespace troupe::storage
