#include <troupe/topology/plan.hpp>

#include <troupe/wire/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace troupe::topology {
namespace {

Locality locality_of(const Topology& topology, const Edge& edge) {
  const auto from = topology.hosts_of(edge.from);
  const auto to = topology.hosts_of(edge.to);
  if (from == to && from.size() == 1) return Locality::local;
  const bool shared = std::ranges::any_of(from, [&](const Node* n) { return std::ranges::find(to, n) != to.end(); });
  return shared ? Locality::by_shard : Locality::remote;
}

std::vector<Edge> edges_of(const Catalog& catalog) {
  if (!catalog.edges.empty()) return catalog.edges;
  std::vector<std::string> callers;
  if (catalog.gateway == GatewaySupport::present) callers.emplace_back(gateway_name);
  for (const Domain& domain : catalog.domains) {
    callers.push_back(domain.main);
    for (const Helper& helper : domain.helpers) {
      if (helper.calls == HelperCalls::as_itself) callers.push_back(helper.name);
    }
  }
  std::vector<Edge> edges;
  for (const std::string& from : callers) {
    for (const std::string& to : catalog.protocols()) {
      if (from != to) edges.push_back({from, to});
    }
  }
  return edges;
}

PlannedProtocol plan_protocol(const Topology& topology, const Catalog& catalog, const Node& node,
                              const std::string& protocol) {
  PlannedProtocol planned;
  planned.name = protocol;
  if (const Domain* domain = catalog.domain_of(protocol)) planned.domain = domain->name;
  planned.shards = topology.actor(protocol).shards;
  for (std::uint32_t shard = 0; shard < planned.shards; ++shard) {
    if (topology.owner_of(protocol, shard) == &node) ++planned.shards_here;
  }
  const StorageLocation storage = topology.storage_of(node, protocol);
  planned.storage = storage.kind == StorageKind::sqlite ? "sqlite:" + storage.location : "postgresql";
  return planned;
}

PlannedNode plan_node(const Topology& topology, const Catalog& catalog, const Node& node) {
  PlannedNode planned;
  planned.name = node.name;
  planned.admin = to_string(node.admin);
  if (node.gateway) planned.gateway = to_string(*node.gateway);
  if (node.link) planned.link = to_string(*node.link);
  if (!node.bind.empty()) planned.bind = node.bind;
  planned.loops = node.loops;
  for (const std::string& protocol : node.hosts) {
    planned.protocols.push_back(plan_protocol(topology, catalog, node, protocol));
  }
  return planned;
}

std::string_view text_of(Locality locality) {
  switch (locality) {
    case Locality::local:
      return "local";
    case Locality::remote:
      return "remote";
    case Locality::by_shard:
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
  if (node.bind) text += "  bind     " + *node.bind + "\n";
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

/// Which protocol each one is shown with: the first of its domain that stands on the same nodes.
class Bundles {
 public:
  explicit Bundles(const Plan& plan) {
    std::map<std::string, std::pair<std::string, std::vector<std::string>>> places;  // domain and nodes, by protocol
    std::vector<std::string> protocols;
    for (const PlannedNode& node : plan.nodes) {
      for (const PlannedProtocol& protocol : node.protocols) {
        auto& [domain, nodes] = places[protocol.name];
        domain = protocol.domain;
        nodes.push_back(node.name);
        if (nodes.size() == 1) protocols.push_back(protocol.name);
      }
    }
    std::map<std::pair<std::string, std::vector<std::string>>, std::string> first;
    for (const std::string& protocol : protocols) {
      const std::string& lead = first.emplace(places[protocol], protocol).first->second;
      leads_.emplace(protocol, lead);
      members_[lead].push_back(protocol);
    }
  }

  /// The gateway stands for itself.
  std::string lead_of(const std::string& name) const {
    const auto found = leads_.find(name);
    return found == leads_.end() ? name : found->second;
  }
  const std::map<std::string, std::vector<std::string>>& members() const { return members_; }

 private:
  std::map<std::string, std::string> leads_;
  std::map<std::string, std::vector<std::string>> members_;  ///< by lead, which is the first of them
};

/// All edges between the same two bundles reach as far.
std::string text_of_edges(const Plan& plan, const Bundles& bundles) {
  std::vector<PlannedEdge> shown;
  std::size_t width = 0;
  for (const PlannedEdge& edge : plan.edges) {
    PlannedEdge bundle{bundles.lead_of(edge.from), bundles.lead_of(edge.to), edge.reach};
    const auto same = [&](const PlannedEdge& e) { return e.from == bundle.from && e.to == bundle.to; };
    if (std::ranges::any_of(shown, same)) continue;
    width = std::max(width, bundle.from.size() + bundle.to.size() + 4);
    shown.push_back(std::move(bundle));
  }
  std::string text = "edges\n";
  for (const PlannedEdge& edge : shown) {
    text += "  " + padded(edge.from + " -> " + edge.to, width) + "  " + std::string(text_of(edge.reach)) + "\n";
  }
  return text;
}

std::string text_of_bundles(const Bundles& bundles) {
  std::string text;
  for (const auto& [lead, members] : bundles.members()) {
    if (members.size() == 1) continue;
    text += "  " + lead + " with";
    for (std::size_t i = 1; i < members.size(); ++i) text += (i == 1 ? " " : ", ") + members[i];
    text += "\n";
  }
  return text.empty() ? text : "\nshown as one above, for they stand together\n" + text;
}

}  // namespace

Plan make_plan(const Topology& topology, const Catalog& catalog) {
  Plan plan;
  plan.topology = topology.name;
  plan.data = topology.data;
  for (const Node& node : topology.nodes) plan.nodes.push_back(plan_node(topology, catalog, node));
  for (Edge& edge : edges_of(catalog)) {
    // A topology may do without a gateway.
    if (topology.hosts_of(edge.from).empty()) continue;
    const Locality locality = locality_of(topology, edge);
    plan.edges.push_back({std::move(edge.from), std::move(edge.to), locality});
  }
  return plan;
}

std::string to_text(const Plan& plan) {
  std::string text = "topology " + plan.topology + ": " + std::to_string(plan.nodes.size()) +
                     (plan.nodes.size() == 1 ? " node" : " nodes") + ", data in " + plan.data + "\n\n";
  for (const PlannedNode& node : plan.nodes) text += text_of(node) + "\n";
  const Bundles bundles(plan);
  return text + text_of_edges(plan, bundles) + text_of_bundles(bundles);
}

std::string to_json(const Plan& plan) { return wire::to_json(plan); }

}  // namespace troupe::topology
