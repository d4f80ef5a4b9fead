#include <troupe/node/deployment.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

#include <troupe/node/peers.hpp>

namespace troupe::node {

namespace {

resilience::CallPolicy call_policy(const topology::CallPolicy& given) {
  resilience::CallPolicy policy;
  policy.timeout = given.timeout;
  if (given.retry) {
    policy.attempts = given.retry->attempts;
    policy.budget_percent = given.retry->budget_percent;
  }
  if (given.breaker) policy.breaker = {given.breaker->failures, given.breaker->within, given.breaker->open};
  return policy;
}

std::string joined(const std::vector<topology::TopologyFault>& faults) {
  std::string text;
  for (const auto& fault : faults) text += to_string(fault) + '\n';
  return text;
}

std::shared_ptr<const gateway::RouteTable> routes_of(const Application& application, const topology::Topology& topology,
                                                     const Services& services) {
  std::vector<gateway::Routes> domains;
  for (const auto& entry : application.entries()) {
    if (!entry.routes) continue;
    gateway::Routes routes(entry.name, services.signer);
    routes.keeps_idempotency_keys(*entry.idempotency_keeper);
    entry.routes(routes);
    domains.push_back(std::move(routes));
  }
  const wire::JsonLimits limits{.max_bytes = topology.gateway.max_body_bytes, .max_depth = topology.gateway.max_depth};
  return std::make_shared<const gateway::RouteTable>(domains, limits);
}

}  // namespace

Deployment::Deployment(const Application& application, const topology::Topology& topology, const topology::Node& node,
                       const Services& services, const gateway::IdempotencySecrets& secrets)
    : application_(application),
      topology_(topology),
      node_(node),
      secrets_(secrets),
      routes_(routes_of(application, topology, services)) {}

void Deployment::host(const Target& target, const std::string& domain, const EntityType& type, std::string calls_as) {
  const std::string protocol(type.protocol->name);
  engine::HostOptions options = host_options(topology_, node_, protocol);
  if (!topology::hosts(node_, protocol)) {
    target.engine.know(*type.protocol, std::move(options));
    return;
  }
  StoreDeclaration declaration;
  declaration.protocol = protocol;
  declaration.indexes = type.indexes;
  declaration.layout = type.layout;
  declaration.index_values = type.index_values;
  auto& store = stores_[protocol] = target.stores.open(declaration);
  options.domain = domain;
  options.calls_as = std::move(calls_as);
  target.engine.host(type, store.get(), std::move(options));
}

void Deployment::take_into(const Target& target) {
  for (const auto& entry : application_.entries()) {
    auto domain = entry.make(topology_.settings_of(entry.name));
    if (!domain) throw std::invalid_argument(joined(domain.faults));
    for (const auto& type : domain.value->entities()) host(target, entry.name, type);
    if (entry.residence == Application::Residence::elsewhere) {
      for (const auto* protocol : entry.outline.protocols) {
        target.engine.know(*protocol, host_options(topology_, node_, std::string(protocol->name)));
      }
    }
    for (const auto& worker : domain.value->workers()) target.workers.add(entry.name, worker);
    std::vector<Domain::Sweep> sweeps = domain.value->sweeps();
    if (entry.routes) {
      auto parts = entry.make_idempotency_parts(routes_, secrets_);
      // It performs requests in the gateway's place, so the gateway's edges are its own.
      host(target, entry.name, parts.entity, std::string(topology::gateway_name));
      sweeps.push_back(std::move(parts.sweep));
    }
    for (auto& sweep : sweeps) target.sweeps.add(std::move(sweep));
  }
}

void Deployment::close_stores() {
  for (auto& [protocol, store] : stores_) store->close();
}

engine::CallPolicies call_policies(const topology::Topology& topology) {
  return [&topology](std::string_view from, std::string_view to) { return call_policy(topology.call(from, to)); };
}

}  // namespace troupe::node
