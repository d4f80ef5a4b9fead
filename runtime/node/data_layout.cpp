#include <troupe/node/data_layout.hpp>

#include <cstring>

#include <troupe/gateway/derived_secret.hpp>

namespace troupe::node {

namespace fs = std::filesystem;

namespace {

fs::path whole(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

storage::ProtocolDatabase database_of(const topology::Topology& topology, const topology::Node& node,
                                      const std::string& protocol) {
  storage::ProtocolDatabase database;
  database.protocol = protocol;
  database.file = whole(topology.storage_of(node, protocol).location);
  database.shards = topology.actor(protocol).shards;
  for (std::uint32_t shard = 0; shard < database.shards; ++shard) {
    if (topology.owner_of(protocol, shard) == &node) database.held.push_back(shard);
  }
  return database;
}

storage::SharedSecrets secrets_of(const topology::Topology& topology) {
  storage::SharedSecrets secrets;
  const bool alone = topology.nodes.size() == 1;
  secrets.home = alone ? storage::SharedSecrets::Home::node_folder : storage::SharedSecrets::Home::shared_folder;
  for (const auto name : {token_key_secret, idempotency_secret}) {
    auto& value = secrets.derived[std::string(name)];
    if (alone || topology.secrets.empty()) continue;
    const auto octets = gateway::derived_secret(topology.secrets.front(), name);
    value.emplace(octets.size());
    std::memcpy(value->data(), octets.data(), octets.size());
  }
  return secrets;
}

}  // namespace

storage::Layout data_layout(const topology::Topology& topology) {
  storage::Layout layout;
  layout.topology = topology.name;
  layout.files = topology.file;
  layout.data = whole(topology.data);
  layout.hash = topology.hash;
  for (const auto& node : topology.nodes) {
    storage::NodeLayout node_layout{node.name, layout.data / node.name, {}};
    for (const auto& protocol : node.hosts) node_layout.databases.push_back(database_of(topology, node, protocol));
    layout.nodes.push_back(std::move(node_layout));
  }
  layout.secrets = secrets_of(topology);
  return layout;
}

}  // namespace troupe::node
