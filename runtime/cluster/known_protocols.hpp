#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/transport/identity.hpp>

namespace troupe::cluster {

/// The protocols that an engine hosts or knows, numbered. Threads: any.
class KnownProtocols {
 public:
  struct Known {
    engine::Host* host;
    std::size_t number;
    std::uint64_t fingerprint;
  };

  /// Of an engine that has all its hosts.
  explicit KnownProtocols(const engine::Engine& engine);
  KnownProtocols(const KnownProtocols&) = delete;
  KnownProtocols& operator=(const KnownProtocols&) = delete;

  /// Null: there is none of that name.
  const Known* find(std::string_view name) const;
  const std::vector<Known>& all() const { return all_; }
  /// What is told to peers.
  transport::Fingerprints fingerprints() const;

 private:
  std::vector<Known> all_;  ///< by number
  boost::unordered_flat_map<std::string_view, const Known*> by_name_;
};

}  // namespace troupe::cluster
