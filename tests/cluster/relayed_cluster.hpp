#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cluster/link_relay.hpp"
#include "tests/cluster/node_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {

/// A shop of several processes that reach each other through a relay, each by a topology file of its own.
class RelayedCluster {
 public:
  /// Such as `gateway | user product | order*3`. Errors: std::runtime_error when a node does not become ready.
  explicit RelayedCluster(std::string_view placement);

  LinkRelay& relay() { return relay_; }
  /// Between any two nodes.
  const std::vector<Wire>& wires() const { return wires_; }
  std::string gateway() const { return nodes_.front().process->gateway(); }
  /// Of all nodes.
  std::string log() const;

  /// Ends all nodes in order, the gateway first. False: one of them did not end, or not with 0.
  bool stop();

 private:
  struct Node {
    std::string name;
    std::string link;
    std::unique_ptr<NodeProcess> process = nullptr;
  };

  std::string topology_at(const Node& self, std::string_view placement);

  TemporaryFolder folder_;
  LinkRelay relay_;
  std::vector<Node> nodes_;
  std::vector<Wire> wires_;
};

}  // namespace shop::testing
