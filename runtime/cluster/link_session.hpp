#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/cluster/known_protocols.hpp>
#include <troupe/transport/link.hpp>

namespace troupe::cluster {

/// In which encoding a protocol is spoken on a link.
enum class NegotiatedEncoding : std::uint8_t {
  keyed,       ///< field names travel: the schemas differ, or it is not known whether they do
  positional,  ///< both ends have the same schema
  refused      ///< the schemas are incompatible: the protocol is refused on this link
};

/// What the two ends of a link have come to for one protocol.
struct Negotiation {
  NegotiatedEncoding encoding = NegotiatedEncoding::keyed;
  std::string refusal;  ///< why it is refused
};

/// A client asks and is never asked.
inline bool is_client(const transport::Link& link) { return link.peer().identity.role == transport::Role::client; }

/// An ask of the peer that has no answer yet. Lifetime: of the `asker`, which enters and removes it.
struct PendingAsk {
  engine::RemoteAsker* asker;
  engine::Host* host;
  Key target;
};

/// What a router keeps with a link: how each protocol is encoded on it, and which asks of the peer have no answer yet.
///
/// Threads: the link's loop. Lifetime: of the link, which owns it.
class LinkSession final : public transport::Attachment {
 public:
  /// Compares fingerprints, and sends the peer our schema of each protocol whose fingerprint differs.
  LinkSession(const KnownProtocols& protocols, transport::Link& link);

  static LinkSession& of(const transport::Link& link) { return static_cast<LinkSession&>(*link.attachment()); }

  const Negotiation& negotiation(std::size_t protocol) const { return negotiations_[protocol]; }
  /// Compares the peer's schema of a protocol with ours. Returns the protocol if they are incompatible; else null.
  const KnownProtocols::Known* learn(const transport::Link& link, std::span<const std::byte> schema);

  /// By request id.
  boost::unordered_flat_map<std::uint64_t, PendingAsk> pending_asks;
  Bytes scratch;  ///< for replies

 private:
  const KnownProtocols& protocols_;
  std::vector<Negotiation> negotiations_;  ///< by a protocol's number
};

}  // namespace troupe::cluster
