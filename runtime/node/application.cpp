#include <troupe/node/application.hpp>

#include <algorithm>

namespace troupe::node {

namespace {

/// The protocols of a domain, and which of them may stand apart from the main one.
struct Outline {
  std::vector<const ProtocolInfo*> protocols;
  std::vector<std::string> movable;
};

/// Nothing where the domain's settings have no defaults.
std::optional<Outline> outline_of(const Application::Entry& entry) {
  if (entry.residence == Application::Residence::elsewhere) return Outline{entry.protocols, entry.movable};
  const auto made = entry.make({});
  if (!made) return std::nullopt;  // Settings without a file keep their defaults, which have no faults.
  Outline outline{{}, made.value->movable_protocols()};
  for (const auto& entity : made.value->entities()) outline.protocols.push_back(entity.protocol);
  return outline;
}

bool keeps_keys(const Application::Entry& entry) {
  return entry.routes || entry.residence == Application::Residence::elsewhere;
}

}  // namespace

topology::Catalog Application::catalog() const {
  topology::Catalog catalog;
  for (const auto& entry : entries_) {
    const auto outline = outline_of(entry);
    if (!outline) continue;
    topology::Domain domain{entry.name, entry.name, {}, {}};
    domain.settings_faults = [make = entry.make](const topology::SettingsTable& table) { return make(table).faults; };
    const auto& movable = outline->movable;
    for (const auto* info : outline->protocols) {
      const std::string protocol(info->name);
      if (protocol == entry.name) continue;
      const bool anywhere = std::find(movable.begin(), movable.end(), protocol) != movable.end();
      domain.helpers.push_back(
          {protocol, anywhere ? topology::HelperPlacement::anywhere : topology::HelperPlacement::beside_main});
    }
    if (keeps_keys(entry)) {
      domain.helpers.push_back(
          {entry.key_keeper_name, topology::HelperPlacement::beside_main, topology::HelperCalls::as_gateway});
    }
    catalog.domains.push_back(std::move(domain));
  }
  return catalog;
}

std::vector<const ProtocolInfo*> Application::protocols() const {
  std::vector<const ProtocolInfo*> protocols;
  for (const auto& entry : entries_) {
    if (entry.residence == Residence::elsewhere) continue;
    const auto outline = outline_of(entry);
    if (!outline) continue;
    protocols.insert(protocols.end(), outline->protocols.begin(), outline->protocols.end());
    if (entry.routes) protocols.push_back(entry.key_keeper_protocol);
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
