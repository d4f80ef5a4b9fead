#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <troupe/wire/id.hpp>

namespace troupe::transport {

/// A node serves and asks; a client only asks.
enum class Role : std::uint8_t { node, client };

/// Who stands at one end of a link.
struct Identity {
  Role role = Role::node;
  std::string name;
  std::uint64_t incarnation = 0;  ///< counts the node's starts; from its storage
  Uuid instance;                  ///< drawn at each start: tells two processes of one name apart
};

/// What must agree between nodes, by name; compared as text, and a refusal names the first that differs.
using Facts = std::map<std::string, std::string>;

/// The schema's fingerprint of each protocol that a node knows. Carried, not compared: the layer above decides.
using Fingerprints = std::map<std::string, std::uint64_t>;

/// What a node understands beyond what every node does, by name. Carried, not compared.
using Features = std::vector<std::string>;

/// Whether a peer is on this machine, where only the machine's own users can listen in.
enum class Proximity : std::uint8_t { same_host, other_host };

/// What a node says of itself on every link.
struct Self {
  Identity identity;
  std::string cluster;                         ///< the topology's name
  std::vector<std::string> keys;               ///< the first is proved, all are accepted; none: see may_talk_to
  Proximity farthest = Proximity::other_host;  ///< peers that are farther away are refused
  Facts facts;
  Fingerprints fingerprints;
  Features features;

  /// Without a key only peers on this machine are talked to.
  bool may_talk_to(Proximity peer) const {
    return peer == Proximity::same_host || (farthest == Proximity::other_host && !keys.empty());
  }
};

/// What a peer said of itself in the handshake.
struct PeerInfo {
  Identity identity;
  std::uint32_t loops = 1;
  std::uint32_t loop = 0;  ///< the one that reads this link
  Facts facts;
  Fingerprints fingerprints;
  Features features;

  bool knows(const std::string& feature) const { return std::ranges::find(features, feature) != features.end(); }
};

}  // namespace troupe::transport
