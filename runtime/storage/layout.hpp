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

/// Where the rows of one protocol lie on one node.
struct Place {
  std::string protocol;
  std::filesystem::path database;  ///< absolute
  std::uint32_t shards = 0;        ///< of the protocol, on all nodes together
  Shards held;                     ///< those that lie here

  friend bool operator==(const Place&, const Place&) = default;
};

/// One node's data.
struct NodePlaces {
  std::string node;
  std::filesystem::path folder;  ///< absolute
  std::vector<Place> places;

  const Place* find(std::string_view protocol) const;
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
  std::vector<NodePlaces> nodes;
  SharedSecrets secrets;

  const NodePlaces* find(std::string_view node) const;
  std::vector<std::string> protocols() const;
};

/// Which place of a layout a key of one protocol belongs to.
class Owners {
 public:
  struct Owner {
    const NodePlaces* node = nullptr;
    const Place* place = nullptr;
  };

  /// Lifetime: the layout's.
  Owners(const Layout& layout, std::string_view protocol);

  /// No node of the layout has the protocol.
  bool empty() const { return by_shard_.empty(); }
  std::uint32_t shard_of(const Key& key) const;
  const Owner& of_shard(std::uint32_t shard) const { return by_shard_[shard]; }
  const Owner& of(const Key& key) const { return by_shard_[shard_of(key)]; }
  /// Whether the layout has the rows of this key in this file.
  bool places(const Key& key, const std::filesystem::path& file) const {
    return !empty() && of(key).place->database == file;
  }

 private:
  std::vector<Owner> by_shard_;
};

}  // namespace troupe::storage
