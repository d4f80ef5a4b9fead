#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {

/// A shop of several processes under `shop up`, on data of its own.
class RunningCluster : public RunningShop {
 public:
  /// `settings` are more tables of its topology.
  explicit RunningCluster(std::string_view placement, std::string secret = {}, std::string settings = {});

  /// The process of each node that runs at this moment, by the node's name.
  std::map<std::string, pid_t> nodes();
  /// Ends a node's process at once, and waits until its supervisor has started another.
  void kill_node(const std::string& name);
};

}  // namespace shop::testing
