#include <troupe/node/node_data.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <vector>

#include <troupe/gateway/derived_secret.hpp>
#include <troupe/loop/clock.hpp>
#include <troupe/node/data_layout.hpp>
#include <troupe/storage/misplaced.hpp>
#include <troupe/storage/shared_secret.hpp>

namespace troupe::node {

namespace {

std::vector<std::byte> new_secret() { return loop::system_secret(NodeData::Secret{}.size()); }

}  // namespace

std::vector<std::string> misplaced_data(const topology::Topology& topology,
                                        const std::vector<const topology::Node*>& nodes, std::string_view application) {
  const auto layout = data_layout(topology);
  std::vector<std::string> reasons;
  for (const auto* node : nodes) {
    const auto& node_layout = *layout.find(node->name);
    const auto record = storage::peek_record(node_layout.folder).value_or(storage::NodeRecord{});
    std::ranges::move(storage::find_misplaced(layout, node_layout, record, application), std::back_inserter(reasons));
  }
  return reasons;
}

NodeData::NodeData(const topology::Topology& topology, const topology::Node& node, std::string_view application)
    : topology_(topology),
      layout_(data_layout(topology)),
      node_(*layout_.find(node.name)),
      folder_(topology.data, node.name) {
  for (const auto& database : node_.databases) folder_.hold(database.file);
  std::string reasons;
  for (const auto& reason : storage::find_misplaced(layout_, node_, folder_.record(), application)) {
    reasons += reason + '\n';
  }
  if (!reasons.empty()) throw std::invalid_argument(reasons);
}

void NodeData::keep_record() { folder_.keep(storage::record_of(layout_, node_, folder_.record())); }

const std::filesystem::path& NodeData::file_of(std::string_view protocol) const {
  const auto* database = node_.find(protocol);
  if (!database) throw std::out_of_range("the node has no database for " + std::string(protocol));
  return database->file;
}

std::vector<NodeData::Secret> NodeData::secrets(std::string_view name) {
  const bool alone = topology_.nodes.size() == 1;
  std::vector<std::byte> bytes;
  if (alone) {
    bytes = folder_.get_or_create(name, &new_secret);
  } else if (auto brought = storage::find_shared_secret(topology_.data, name)) {
    bytes = *std::move(brought);
  } else if (!topology_.secrets.empty()) {
    std::vector<Secret> derived;
    for (const auto& secret : topology_.secrets) derived.push_back(gateway::derived_secret(secret, name));
    return derived;
  } else {
    bytes = storage::shared_secret(topology_.data, name, &new_secret);
  }
  Secret secret;
  if (bytes.size() != secret.size()) {
    throw std::runtime_error("the secret '" + std::string(name) + "' in " +
                             (alone ? folder_.path().string() : topology_.data + "/shared") +
                             " has the wrong length: restore it from a backup");
  }
  std::memcpy(secret.data(), bytes.data(), bytes.size());
  return {secret};
}

std::optional<std::filesystem::path> NodeData::kept_beside_secret(std::string_view name) const {
  if (topology_.secrets.empty()) return std::nullopt;
  if (topology_.nodes.size() == 1) return folder_.path() / "node.db";
  auto brought = layout_.data / "shared" / name;
  std::error_code error;
  return std::filesystem::exists(brought, error) ? std::optional(std::move(brought)) : std::nullopt;
}

}  // namespace troupe::node
