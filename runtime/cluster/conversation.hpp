#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/cluster/known_protocols.hpp>
#include <troupe/transport/link.hpp>

namespace troupe::cluster {

/// How the two ends of a link put a protocol into octets.
enum class Manner : std::uint8_t {
  keyed,       ///< field names travel: the schemas differ, or it is not known whether they do
  positional,  ///< both ends have the same schema
  refused      ///< the schemas are incompatible: the protocol is refused on this link
};

struct Agreement {
  Manner manner = Manner::keyed;
  std::string why;  ///< it is refused
};

/// Clients may ask; they are no part of the cluster.
inline bool is_client(const transport::Link& link) { return link.remote().identity.role == transport::Role::client; }

/// An ask of the peer that has no answer yet.
struct Serving {
  engine::RemoteAsker* asker;
  engine::Host* host;
  Key target;
};

/// What a router keeps with a link: how each protocol is talked on it, and which asks of the peer have no answer yet.
///
/// Threads: the link's loop.
class Conversation final : public transport::Attachment {
 public:
  /// Compares fingerprints, and sends the peer our form of each protocol that it knows by another.
  Conversation(const KnownProtocols& protocols, transport::Link& link);

  static Conversation& of(const transport::Link& link) { return static_cast<Conversation&>(*link.attachment()); }

  const Agreement& about(std::size_t protocol) const { return agreements_[protocol]; }
  /// The peer's form of a protocol has come. Returns the protocol when that refuses it; else null.
  const KnownProtocols::Known* learn(const transport::Link& link, std::span<const std::byte> form);

  /// By their request.
  boost::unordered_flat_map<std::uint64_t, Serving> serving;
  Bytes scratch;  ///< for replies

 private:
  const KnownProtocols& protocols_;
  std::vector<Agreement> agreements_;  ///< by a protocol's number
};

}  // namespace troupe::cluster
