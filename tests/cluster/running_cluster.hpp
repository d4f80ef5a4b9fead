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

/// A process that stands still for a while: it says nothing, and lives.
class Standstill {
 public:
  Standstill(RunningCluster& cluster, const std::string& node);
  ~Standstill();
  Standstill(const Standstill&) = delete;
  Standstill& operator=(const Standstill&) = delete;

 private:
  pid_t process_;
};

/// What a node says of itself.
Json status_of(RunningCluster& cluster, const std::string& node);
/// The element of a list of the status whose field has that value.
Json find(const Json& status, std::string_view list, std::string_view field, std::string_view value);

}  // namespace shop::testing
