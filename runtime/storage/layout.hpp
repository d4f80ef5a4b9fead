#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/key.hpp>

namespace troupe::storage {

/// Shards by number, ascending.
using Shards = std::vector<std::uint32_t>;

/// "0-2,5"; and back, empty for anything else.
std::string to_text(const Shards& shards);
std::optional<Shards> parse_shards(std::string_view text);

/// The rows of one protocol on one node: in which file they lie, and which they are.
struct ProtocolDatabase {
  std::string protocol;
  std::filesystem::path file;  ///< absolute
  std::uint32_t shards = 0;    ///< of the protocol, on all nodes together
  Shards held;                 ///< those that lie here

  friend bool operator==(const ProtocolDatabase&, const ProtocolDatabase&) = default;
};

/// One node's part of a layout.
struct NodeLayout {
  std::string node;
  std::filesystem::path folder;  ///< absolute
  std::vector<ProtocolDatabase> databases;

  const ProtocolDatabase* find(std::string_view protocol) const;
};

/// Where the nodes of a topology keep what all of them have to know.
struct SharedSecrets {
  enum class Home : std::uint8_t { node_folder, shared_folder };

  Home home = Home::node_folder;
  /// By name; the value where the home has none and the topology gives one.
  std::map<std::string, std::optional<std::vector<std::byte>>> derived;
};

/// What a topology says of its data: which node holds which shards, and in which file.
struct Layout {
  std::string topology;
  std::string files;           ///< of the topology, as on a command line; empty: built in
  std::filesystem::path data;  ///< the folder of all nodes' folders
  std::uint32_t hash = 1;
  std::vector<NodeLayout> nodes;
  SharedSecrets secrets;

  const NodeLayout* find(std::string_view node) const;
  std::vector<std::string> protocols() const;
};

/// Which node and database of a layout a key of one protocol belongs to.
class Owners {
 public:
  struct Owner {
    const NodeLayout* node = nullptr;
    const ProtocolDatabase* database = nullptr;
  };

  /// Lifetime: the layout's.
  Owners(const Layout& layout, std::string_view protocol);

  /// No node of the layout has the protocol.
  bool empty() const { return by_shard_.empty(); }
  std::uint32_t shard_of(const Key& key) const;
  const Owner& of_shard(std::uint32_t shard) const { return by_shard_[shard]; }
  const Owner& of(const Key& key) const { return by_shard_[shard_of(key)]; }
  /// Whether the layout has the rows of this key in this file.
  bool assigns(const Key& key, const std::filesystem::path& file) const {
    return !empty() && of(key).database->file == file;
  }

 private:
  std::vector<Owner> by_shard_;
};

}  // namespace troupe::storage
