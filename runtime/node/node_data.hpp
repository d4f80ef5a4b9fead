#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/storage/data_folder.hpp>
#include <troupe/storage/layout.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

/// Why these nodes must not start on the data that is there, as far as can be seen before they do: see find_misplaced.
/// Errors: throws std::runtime_error where a file can't be read.
std::vector<std::string> misplaced_data(const topology::Topology& topology,
                                        const std::vector<const topology::Node*>& nodes, std::string_view application);

/// A node's data: its folder, held for as long as this lives, and its protocols' files. What lies there is known to be
/// the node's own, and all that its topology says of it.
class NodeData {
 public:
  /// Errors: throws std::invalid_argument, a line for each reason, where the data is another node's or lies where the
  /// topology does not have it; std::runtime_error where it can't be used. `application`: its command's name.
  NodeData(const topology::Topology& topology, const topology::Node& node, std::string_view application);

  /// Records what the folder holds. To be called when all files are open, so that one that is gone later is missed, and
  /// before the first row is written, so that the record never tells of less than there is.
  void keep_record();

  storage::DataFolder& folder() { return folder_; }
  const std::filesystem::path& file_of(std::string_view protocol) const;

  using Secret = std::array<std::uint8_t, 32>;
  /// A secret of this name. Nodes of one topology have the same: by the links' secret, or, where there is none because
  /// all are on this machine, by the data folder that they share, which also keeps what was brought from elsewhere.
  Secret secret(std::string_view name) { return secrets(name).front(); }
  /// All that the nodes may have at a time, at least one: the first is this node's own. Several while the links' secret
  /// is being replaced.
  std::vector<Secret> secrets(std::string_view name);
  /// Which file keeps the secret of this name though the topology has a `secret`: it goes before one that is derived.
  std::optional<std::filesystem::path> kept_beside_secret(std::string_view name) const;

 private:
  const topology::Topology& topology_;
  storage::Layout layout_;
  const storage::NodeLayout& node_;
  storage::DataFolder folder_;
};

}  // namespace troupe::node
