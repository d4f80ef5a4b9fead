#pragma once

#include <map>
#include <memory>
#include <string>

#include <troupe/contract/store.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/sweeps.hpp>
#include <troupe/engine/workers/workers.hpp>
#include <troupe/gateway/idempotency.hpp>
#include <troupe/gateway/route_table.hpp>
#include <troupe/node/application.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

/// What a node has of its application: all routes, the entities, sweeps and workers of the protocols that it hosts, and
/// what it must know of the others. The same on threads and in a simulation.
///
/// Lifetime: application, topology and node outlive it; it outlives the engine that it is taken into.
class Deployment {
 public:
  /// Where its protocols are taken in; nothing of it has started.
  struct Target {
    engine::Engine& engine;
    StoreFactory& stores;
    engine::Sweeps& sweeps;
    engine::Workers& workers;
  };
  using Stores = std::map<std::string, std::unique_ptr<Store>, std::less<>>;

  Deployment(const Application& application, const topology::Topology& topology, const topology::Node& node,
             const Services& services, const gateway::IdempotencySecrets& secrets);

  /// Errors: throws topology faults as std::invalid_argument whose text is their lines, and what the stores throw.
  void take_into(const Target& target);

  const std::shared_ptr<const gateway::RouteTable>& routes() const { return routes_; }
  const gateway::IdempotencySecrets& secrets() const { return secrets_; }
  /// By protocol.
  const Stores& stores() const { return stores_; }
  /// After the engine has stopped.
  void close_stores();

 private:
  void host(const Target& target, const std::string& domain, const EntityType& type, std::string calls_as = {});

  const Application& application_;
  const topology::Topology& topology_;
  const topology::Node& node_;
  const gateway::IdempotencySecrets secrets_;
  std::shared_ptr<const gateway::RouteTable> routes_;
  Stores stores_;
};

/// The topology's limits, as an engine is told of them.
engine::CallPolicies call_policies(const topology::Topology& topology);

}  // namespace troupe::node
