#include <troupe/cluster/known_protocols.hpp>

#include <string>

#include <troupe/cluster/protocol_schema.hpp>

namespace troupe::cluster {

KnownProtocols::KnownProtocols(const engine::Engine& engine) {
  for (const auto& host : engine.hosts()) {
    all_.push_back({host.get(), all_.size(), fingerprint_of(*host->type().protocol)});
  }
  for (const Known& known : all_) by_name_.emplace(known.host->name(), &known);
}

const KnownProtocols::Known* KnownProtocols::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

transport::Fingerprints KnownProtocols::fingerprints() const {
  transport::Fingerprints fingerprints;
  for (const Known& known : all_) fingerprints.emplace(std::string(known.host->name()), known.fingerprint);
  return fingerprints;
}

}  // namespace troupe::cluster
