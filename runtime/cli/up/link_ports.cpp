#include <troupe/cli/up/link_ports.hpp>

#include <algorithm>

namespace troupe::cli {

namespace {

std::string unreadable(std::string_view entry) {
  return std::string(links_variable) + " holds '" + std::string(entry) +
         "'; it must hold NODE=HOST:PORT, separated by commas";
}

/// Gives the node the entry's address, unless the file names a port itself.
bool take_one(topology::Topology& topology, std::string_view entry) {
  const auto sign = entry.find('=');
  if (sign == std::string_view::npos) return false;
  const auto address = topology::parse_address(entry.substr(sign + 1));
  if (!address) return false;
  const auto node = std::ranges::find(topology.nodes, entry.substr(0, sign), &topology::Node::name);
  if (node != topology.nodes.end() && node->link && node->link->leaves_port_open()) node->link = *address;
  return true;
}

}  // namespace

std::string choose_link_ports(topology::Topology& topology,
                              const std::function<std::uint16_t(const topology::Address&)>& choose) {
  std::string links;
  for (auto& node : topology.nodes) {
    if (!node.link || !node.link->leaves_port_open()) continue;
    node.link->port = choose(node.listening(*node.link));
    links += (links.empty() ? "" : ",") + node.name + "=" + to_string(*node.link);
  }
  return links;
}

std::string take_link_ports(topology::Topology& topology, std::string_view links) {
  while (!links.empty()) {
    const auto entry = links.substr(0, links.find(','));
    if (!take_one(topology, entry)) return unreadable(entry);
    links.remove_prefix(std::min(entry.size() + 1, links.size()));
  }
  // A single node needs no link.
  if (topology.nodes.size() == 1) return {};
  for (const auto& node : topology.nodes) {
    if (!node.link || !node.link->leaves_port_open()) continue;
    return "the node " + node.name + ": link = \"" + to_string(*node.link) +
           "\" leaves the port open, which only `up` can choose, since all nodes must know it; write a port";
  }
  return {};
}

}  // namespace troupe::cli
