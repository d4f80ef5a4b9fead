#include <troupe/node/application.hpp>

#include <algorithm>

namespace troupe::node {

namespace {

bool keeps_idempotency_keys(const Application::Entry& entry) {
  return entry.routes || entry.residence == Application::Residence::elsewhere;
}

topology::CatalogWorker::Restart to_catalog(Restart restart) {
  switch (restart) {
    case Restart::permanent:
      return topology::CatalogWorker::Restart::permanent;
    case Restart::transient:
      return topology::CatalogWorker::Restart::transient;
    case Restart::temporary:
      break;
  }
  return topology::CatalogWorker::Restart::temporary;
}

/// Where this program can tell. Keys are forgotten by a worker of their keeper's name.
std::optional<std::vector<topology::CatalogWorker>> workers_of(const Application::Entry& entry) {
  if (entry.residence == Application::Residence::elsewhere) return std::nullopt;
  const auto domain = entry.make({});
  if (!domain) return std::nullopt;
  std::vector<topology::CatalogWorker> workers;
  for (const auto& worker : domain.value->workers()) {
    workers.push_back({.name = worker.name,
                       .protocol = std::string(worker.beside->name),
                       .place = worker.one_per == OnePer::node ? topology::CatalogWorker::Place::each_node
                                                               : topology::CatalogWorker::Place::first_shard,
                       .restart = to_catalog(worker.restart),
                       .start_within = worker.start_within,
                       .stop_within = worker.stop_within});
  }
  for (const auto& sweep : domain.value->sweeps()) {
    workers.push_back({sweep.name, std::string(sweep.protocol->name)});
  }
  if (entry.routes) workers.push_back({entry.idempotency_protocol_name, entry.idempotency_protocol_name});
  return workers;
}

topology::Domain named(const Application::Entry& entry) {
  topology::Domain domain{entry.name, entry.name, {}, {}, workers_of(entry)};
  domain.settings_faults = [make = entry.make](const topology::SettingsTable& table) { return make(table).faults; };
  const auto& movable = entry.outline.movable;
  for (const auto* info : entry.outline.protocols) {
    if (info->name == entry.name) continue;
    const bool anywhere = std::ranges::find(movable, info->name) != movable.end();
    domain.helpers.push_back({std::string(info->name),
                              anywhere ? topology::HelperPlacement::anywhere : topology::HelperPlacement::beside_main});
  }
  if (keeps_idempotency_keys(entry)) {
    domain.helpers.push_back(
        {entry.idempotency_protocol_name, topology::HelperPlacement::beside_main, topology::HelperCalls::as_gateway});
  }
  return domain;
}

/// Requests and sweeps call as the gateway, and may ask anything; entities ask what they declare.
std::vector<topology::Edge> edges_of(const topology::Catalog& catalog, const std::vector<Application::Entry>& entries) {
  std::vector<topology::Edge> edges;
  const auto known = catalog.protocols();
  for (const auto& protocol : known) edges.push_back({std::string(topology::gateway_name), protocol});
  for (const auto& entry : entries) {
    for (const auto& call : entry.outline.calls) {
      topology::Edge edge{std::string(call.from), std::string(call.to)};
      // An application may do without a domain that it would ask.
      if (std::ranges::find(known, edge.to) == known.end()) continue;
      if (std::ranges::find(edges, edge) == edges.end()) edges.push_back(std::move(edge));
    }
  }
  return edges;
}

}  // namespace

topology::Catalog Application::catalog() const {
  topology::Catalog catalog;
  catalog.application = name_;
  for (const auto& entry : entries_) catalog.domains.push_back(named(entry));
  catalog.edges = edges_of(catalog, entries_);
  return catalog;
}

std::vector<const ProtocolInfo*> Application::protocols() const {
  std::vector<const ProtocolInfo*> protocols;
  for (const auto& entry : entries_) {
    if (entry.residence == Residence::elsewhere) continue;
    protocols.insert(protocols.end(), entry.outline.protocols.begin(), entry.outline.protocols.end());
    if (entry.routes) protocols.push_back(entry.idempotency_protocol);
  }
  return protocols;
}

std::vector<std::string> Application::hostable() const {
  std::vector<std::string> names;
  if (gateway_ == topology::GatewaySupport::present) names.emplace_back(topology::gateway_name);
  for (const auto* protocol : protocols()) names.emplace_back(protocol->name);
  return names;
}

}  // namespace troupe::node
