#include <troupe/topology/model.hpp>

#include <troupe/topology/detail/defaults.hpp>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace troupe::topology {
namespace {

std::string replace_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

auto meaning(const Topology& t) {
  return std::tie(t.name, t.data, t.secrets, t.hash, t.nodes, t.gateway, t.watchdog, t.actors, t.storage, t.calls,
                  t.settings, t.supervision);
}

}  // namespace

bool operator==(const Topology& a, const Topology& b) { return meaning(a) == meaning(b); }

bool hosts(const Node& node, std::string_view protocol) {
  if (protocol == gateway_name) return node.gateway.has_value();
  return std::ranges::find(node.hosts, protocol) != node.hosts.end();
}

Address Node::listening(const Address& address) const {
  return bind.empty() || address.is_unix() ? address : Address{bind, address.port, {}};
}

std::string Node::reachable(const Address& address, const std::string& listening) const {
  const auto bound = bind.empty() || address.is_unix() ? std::nullopt : parse_address(listening);
  return bound ? to_string(Address{address.host, bound->port, {}}) : listening;
}

const Node* Topology::find_node(std::string_view wanted) const {
  const auto found = std::ranges::find(nodes, wanted, &Node::name);
  return found == nodes.end() ? nullptr : &*found;
}

std::vector<const Node*> Topology::hosts_of(std::string_view protocol) const {
  std::vector<const Node*> found;
  for (const Node& node : nodes) {
    if (hosts(node, protocol)) found.push_back(&node);
  }
  return found;
}

const Node* Topology::owner_of(std::string_view protocol, std::uint32_t shard) const {
  const auto owners = hosts_of(protocol);
  return owners.empty() ? nullptr : owners[shard % owners.size()];
}

const ActorPolicy& Topology::actor(std::string_view protocol) const {
  const auto found = actors.find(protocol);
  if (found == actors.end()) throw std::out_of_range("the topology knows no protocol " + std::string(protocol));
  return found->second;
}

std::optional<SupervisionPolicy> Topology::supervision_of(std::string_view path) const {
  if (const auto found = supervision.find(path); found != supervision.end()) return found->second;
  const auto slash = path.find('/');
  const auto protocol = slash == std::string_view::npos ? actors.end() : actors.find(path.substr(slash + 1));
  if (protocol == actors.end()) return std::nullopt;
  return protocol->second.supervision;
}

CallPolicy Topology::call(std::string_view from, std::string_view to) const {
  const auto found = calls.find(detail::call_key(from, to));
  return found == calls.end() ? CallPolicy{} : found->second;
}

StorageLocation Topology::storage_of(const Node& node, std::string_view protocol) const {
  const auto found = storage.find(protocol);
  if (found == storage.end()) throw std::out_of_range("the topology knows no protocol " + std::string(protocol));
  std::string url = replace_all(found->second, "{protocol}", protocol);
  url = replace_all(std::move(url), "{node}", node.name);
  url = replace_all(std::move(url), "{data}", data);
  if (url.starts_with(detail::sqlite_scheme)) {
    return {StorageKind::sqlite, url.substr(detail::sqlite_scheme.size())};
  }
  return {StorageKind::postgresql, std::move(url)};
}

SettingsTable Topology::settings_of(std::string_view domain) const {
  const auto found = settings.find(domain);
  if (found != settings.end()) return found->second;
  return {{file}, "settings." + std::string(domain), {}, {}};
}

Topology monolith(const Catalog& catalog) {
  Topology topology;
  topology.name = detail::monolith_name;
  topology.data = detail::default_data(topology.name);
  Node node;
  node.name = node.group = detail::monolith_node;
  node.hosts = catalog.protocols();
  node.admin = detail::default_admin(0);
  if (catalog.gateway == GatewaySupport::present) node.gateway = detail::default_gateway();
  topology.nodes.push_back(std::move(node));
  for (const std::string& protocol : catalog.protocols()) {
    topology.actors[protocol] = {};
    topology.storage[protocol] = detail::default_storage;
  }
  return topology;
}

std::vector<std::string> unsupported(const Topology& topology) {
  std::vector<std::string> reasons;
  const bool sqlite_only = std::ranges::all_of(
      topology.storage, [](const auto& entry) { return entry.second.starts_with(detail::sqlite_scheme); });
  if (!sqlite_only) {
    reasons.push_back("the topology `" + topology.name +
                      "` keeps data in PostgreSQL, and this build knows SQLite only; leave [storage] out");
  }
  return reasons;
}

}  // namespace troupe::topology
