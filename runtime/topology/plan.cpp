#include "runtime/topology/plan.hpp"

#include "runtime/wire/json.hpp"

#include <algorithm>

namespace troupe::topology {
namespace {

Reach reach_of(const Topology& topology, const Edge& edge) {
  const auto from = topology.hosts_of(edge.from);
  const auto to = topology.hosts_of(edge.to);
  if (from == to && from.size() == 1) return Reach::local;
  const bool shared = std::ranges::any_of(from, [&](const Node* n) { return std::ranges::find(to, n) != to.end(); });
  return shared ? Reach::by_shard : Reach::remote;
}

std::vector<Edge> edges_of(const Catalog& catalog) {
  if (!catalog.edges.empty()) return catalog.edges;
  std::vector<Edge> edges;
  for (const Domain& to : catalog.domains) {
    if (catalog.gateway == GatewaySupport::present) edges.push_back({std::string(gateway_name), to.main});
  }
  for (const Domain& from : catalog.domains) {
    for (const Domain& to : catalog.domains) {
      if (from.main != to.main) edges.push_back({from.main, to.main});
    }
  }
  return edges;
}

PlannedProtocol plan_protocol(const Topology& topology, const Node& node, const std::string& protocol) {
  PlannedProtocol planned;
  planned.name = protocol;
  planned.shards = topology.actor(protocol).shards;
  for (std::uint32_t shard = 0; shard < planned.shards; ++shard) {
    if (topology.owner_of(protocol, shard) == &node) ++planned.shards_here;
  }
  const StorageLocation storage = topology.storage_of(node, protocol);
  planned.storage = storage.kind == StorageKind::sqlite ? "sqlite:" + storage.location : "postgresql";
  return planned;
}

PlannedNode plan_node(const Topology& topology, const Node& node) {
  PlannedNode planned;
  planned.name = node.name;
  planned.admin = to_string(node.admin);
  if (node.gateway) planned.gateway = to_string(*node.gateway);
  if (node.link) planned.link = to_string(*node.link);
  planned.loops = node.loops;
  for (const std::string& protocol : node.hosts) planned.protocols.push_back(plan_protocol(topology, node, protocol));
  return planned;
}

std::string_view text_of(Reach reach) {
  switch (reach) {
    case Reach::local:
      return "local";
    case Reach::remote:
      return "remote";
    case Reach::by_shard:
      return "local or remote, by shard";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string text_of(const PlannedNode& node) {
  std::string text = "node " + node.name + "\n";
  if (node.gateway) text += "  gateway  http://" + *node.gateway + "\n";
  text += "  admin    http://" + node.admin + "\n";
  if (node.link) text += "  link     " + *node.link + "\n";
  text += "  loops    " + (node.loops ? std::to_string(*node.loops) : "one per core") + "\n";
  std::size_t width = 0;
  for (const PlannedProtocol& protocol : node.protocols) width = std::max(width, protocol.name.size());
  for (const PlannedProtocol& protocol : node.protocols) {
    std::string shards = std::to_string(protocol.shards) + " shards";
    if (protocol.shards_here != protocol.shards) shards = std::to_string(protocol.shards_here) + " of " + shards;
    text += "  hosts    " + padded(protocol.name, width) + "  " + shards + "  " + protocol.storage + "\n";
  }
  return text;
}

}  // namespace

Plan make_plan(const Topology& topology, const Catalog& catalog) {
  Plan plan;
  plan.topology = topology.name;
  plan.data = topology.data;
  for (const Node& node : topology.nodes) plan.nodes.push_back(plan_node(topology, node));
  for (Edge& edge : edges_of(catalog)) {
    // A topology may do without a gateway.
    if (topology.hosts_of(edge.from).empty()) continue;
    const Reach reach = reach_of(topology, edge);
    plan.edges.push_back({std::move(edge.from), std::move(edge.to), reach});
  }
  return plan;
}

std::string to_text(const Plan& plan) {
  std::string text = "topology " + plan.topology + ": " + std::to_string(plan.nodes.size()) +
                     (plan.nodes.size() == 1 ? " node" : " nodes") + ", data in " + plan.data + "\n\n";
  for (const PlannedNode& node : plan.nodes) text += text_of(node) + "\n";
  text += "edges\n";
  std::size_t width = 0;
  for (const PlannedEdge& edge : plan.edges) width = std::max(width, edge.from.size() + edge.to.size() + 4);
  for (const PlannedEdge& edge : plan.edges) {
    text += "  " + padded(edge.from + " -> " + edge.to, width) + "  " + std::string(text_of(edge.reach)) + "\n";
  }
  return text;
}

std::string to_json(const Plan& plan) { return wire::to_json(plan); }

}  // namespace troupe::topology
