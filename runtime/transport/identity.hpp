#pragma once

#include <cstdint>
#include <map>
#include <string>

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

/// Whether the other end is on this machine, where nobody but its own users can listen in.
enum class Reach : std::uint8_t { local, remote };

/// What a node says of itself on every link.
struct Self {
  Identity identity;
  std::string cluster;             ///< the topology's name
  std::string secret;              ///< proved by both ends; empty: only peers on this machine are talked to
  Reach farthest = Reach::remote;  ///< which peers are talked to
  Facts facts;
  Fingerprints fingerprints;

  bool reaches(Reach peer) const { return peer == Reach::local || (farthest == Reach::remote && !secret.empty()); }
};

/// What the handshake told of the other end.
struct Remote {
  Identity identity;
  std::uint32_t loops = 1;
  std::uint32_t loop = 0;  ///< the one that reads this link
  Facts facts;
  Fingerprints fingerprints;
};

}  // namespace troupe::transport
