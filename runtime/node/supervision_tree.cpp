#include <troupe/node/supervision_tree.hpp>

#include <algorithm>
#include <utility>

#include <troupe/resilience/backoff.hpp>

namespace troupe::node {

namespace {

supervision::Strategy to_strategy(topology::Strategy strategy) {
  switch (strategy) {
    case topology::Strategy::one_for_one:
      return supervision::Strategy::one_for_one;
    case topology::Strategy::one_for_all:
      return supervision::Strategy::one_for_all;
    case topology::Strategy::rest_for_one:
      break;
  }
  return supervision::Strategy::rest_for_one;
}

supervision::SupervisorFlags flags_of(const topology::SupervisionPolicy& policy) {
  supervision::SupervisorFlags flags;
  flags.strategy = to_strategy(policy.strategy);
  flags.intensity = policy.intensity;
  flags.period = policy.period;
  if (policy.backoff) {
    flags.backoff = resilience::Backoff{policy.backoff->from, policy.backoff->to, resilience::Backoff::Jitter::equal};
  }
  return flags;
}

supervision::Restart to_supervision(topology::CatalogWorker::Restart restart) {
  switch (restart) {
    case topology::CatalogWorker::Restart::permanent:
      return supervision::Restart::permanent;
    case topology::CatalogWorker::Restart::transient:
      return supervision::Restart::transient;
    case topology::CatalogWorker::Restart::temporary:
      break;
  }
  return supervision::Restart::temporary;
}

engine::WorkerPolicy policy_of(const topology::CatalogWorker& worker) {
  engine::WorkerPolicy policy;
  policy.restart = to_supervision(worker.restart);
  policy.start_timeout = worker.start_within;
  if (worker.stop_within) policy.shutdown = supervision::Shutdown::after(*worker.stop_within);
  return policy;
}

engine::TreeOutline outline_of(const topology::Catalog& catalog, const topology::Topology& topology,
                               const topology::Node& node) {
  engine::TreeOutline outline{node.name, {}};
  const auto add_protocol = [&](engine::TreeOutline::Domain& domain, const std::string& name) {
    engine::TreeOutline::Protocol protocol{name, {}, {}};
    if (!topology::hosts(node, name)) return;
    domain.lanes.push_back({name, {}});
    for (std::uint32_t shard = 0; shard < topology.actor(name).shards; ++shard) {
      if (topology.owner_of(name, shard) == &node) protocol.shards.push_back(shard);
    }
    if (!protocol.shards.empty()) domain.protocols.push_back(std::move(protocol));
  };
  for (const auto& domain : catalog.domains) {
    engine::TreeOutline::Domain below{.name = domain.name, .protocols = {}, .workers = {}};
    add_protocol(below, domain.main);
    for (const auto& helper : domain.helpers) add_protocol(below, helper.name);
    for (const auto& worker : domain.workers.value_or(std::vector<topology::CatalogWorker>())) {
      const auto beside = std::ranges::find(below.protocols, worker.protocol, &engine::TreeOutline::Protocol::name);
      if (beside == below.protocols.end()) continue;
      const bool is_elsewhere =
          worker.place == topology::CatalogWorker::Place::first_shard && topology.owner_of(worker.protocol, 0) != &node;
      if (!is_elsewhere) below.workers.push_back({worker.name, {}, policy_of(worker)});
    }
    if (!below.lanes.empty()) outline.domains.push_back(std::move(below));
  }
  return outline;
}

}  // namespace

supervision::SupervisorSpec supervision_tree(const topology::Catalog& catalog, const topology::Topology& topology,
                                             const topology::Node& node) {
  return engine::make_tree(outline_of(catalog, topology, node), supervisor_flags(topology));
}

std::string print_tree(const topology::Catalog& catalog, const topology::Topology& topology,
                       const topology::Node& node) {
  return supervision::print_tree(node.name, supervision_tree(catalog, topology, node));
}

engine::FlagsOf supervisor_flags(const topology::Topology& topology) {
  return [&topology](const std::string& path) -> std::optional<supervision::SupervisorFlags> {
    const auto policy = topology.supervision_of(path);
    if (!policy) return std::nullopt;
    return flags_of(*policy);
  };
}

}  // namespace troupe::node
