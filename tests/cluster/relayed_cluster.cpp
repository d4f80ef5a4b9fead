#include "tests/cluster/relayed_cluster.hpp"

#include <csignal>
#include <memory>
#include <stdexcept>
#include <utility>

namespace shop::testing {

namespace {

std::vector<std::string> names_of(const troupe::testing::PlacedGroup& group) {
  if (group.size == 1) return {group.name};
  std::vector<std::string> names;
  for (unsigned i = 0; i < group.size; ++i) names.push_back(group.name + '-' + std::to_string(i));
  return names;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "\"" : ", \"") + word + '"';
  return '[' + text + ']';
}

/// A list would make even one node a group.
std::string addresses_of(const std::vector<std::string>& all) {
  return all.size() == 1 ? '"' + all.front() + '"' : list_of(all);
}

}  // namespace

RelayedCluster::RelayedCluster(std::string_view placement) {
  for (const auto& group : parse_placement(placement)) {
    for (auto& name : names_of(group)) {
      for (const auto& other : nodes_) wires_.push_back({other.name, name});
      nodes_.push_back({std::move(name), reserve_address()});
    }
  }
  for (auto& node : nodes_) {
    const std::string file = node.name + ".toml";
    write_text(folder_.path() / file, topology_at(node, placement));
    node.process = std::make_unique<NodeProcess>(folder_.path(), file, node.name);
  }
  for (auto& node : nodes_) {
    if (!node.process->ready()) throw std::runtime_error(node.name + " did not become ready:\n" + log());
  }
}

std::string RelayedCluster::topology_at(const Node& self, std::string_view placement) {
  std::string text = "name = \"test\"\ndata = \"data\"\n[gateway]\nlisten = \"127.0.0.1:0\"\n";
  auto node = nodes_.begin();
  for (const auto& group : parse_placement(placement)) {
    std::vector<std::string> links;
    for (unsigned i = 0; i < group.size; ++i, ++node) {
      links.push_back(node->name == self.name ? node->link : relay_.open(self.name, node->name, node->link));
    }
    const std::vector<std::string> admins(group.size, "127.0.0.1:0");
    text += "[nodes." + group.name + "]\nhosts = " + list_of(group.hosts) + "\nlink = " + addresses_of(links) +
            "\nadmin = " + addresses_of(admins) + '\n';
  }
  return text;
}

std::string RelayedCluster::log() const {
  std::string all;
  for (const auto& node : nodes_) all += "── " + node.name + '\n' + node.process->log();
  return all;
}

bool RelayedCluster::stop() {
  bool in_order = true;
  for (auto& node : nodes_) {
    node.process->child().signal(SIGTERM);
    const auto exit = node.process->child().wait();
    in_order = in_order && exit && exit->code == 0;
  }
  return in_order;
}

}  // namespace shop::testing
