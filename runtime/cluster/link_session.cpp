#include <troupe/cluster/link_session.hpp>

#include <troupe/cluster/protocol_schema.hpp>
#include <troupe/wire/msgpack.hpp>

namespace troupe::cluster {

LinkSession::LinkSession(const KnownProtocols& protocols, transport::Link& link) : protocols_(protocols) {
  const auto& theirs = link.peer().fingerprints;
  for (const auto& known : protocols.all()) {
    Negotiation& negotiation = negotiations_.emplace_back();
    const auto found = theirs.find(std::string(known.host->name()));
    if (found == theirs.end()) continue;
    if (found->second == known.fingerprint) {
      negotiation.encoding = NegotiatedEncoding::positional;
      continue;
    }
    // It is sent ahead of every ask, so that the peer knows which asks it must refuse.
    const Bytes schema = wire::to_msgpack(schema_of(*known.host->type().protocol), wire::Encoding::keyed);
    const auto sent = link.send({transport::FrameType::schema, 0, 0, schema});
    if (sent == transport::SendResult::accepted) continue;
    negotiation = {NegotiatedEncoding::refused, "node " + link.peer().identity.name + " knows the protocol " +
                                                    std::string(known.host->name()) +
                                                    " by another schema, and takes no frame as large as this node's"};
  }
}

const KnownProtocols::Known* LinkSession::learn(const transport::Link& link, std::span<const std::byte> schema) {
  const auto theirs = wire::from_msgpack<ProtocolSchema>(schema, wire::Encoding::keyed);
  // A schema that cannot be read may be of a later version; its asks are then checked field by field.
  if (!theirs) return nullptr;
  const auto* known = protocols_.find(theirs->protocol);
  if (!known || negotiations_[known->number].encoding != NegotiatedEncoding::keyed) return nullptr;
  const std::string what = difference(schema_of(*known->host->type().protocol), *theirs);
  if (what.empty()) return nullptr;
  const std::string& peer = link.peer().identity.name;
  negotiations_[known->number] = {NegotiatedEncoding::refused,
                                  "node " + peer + " knows the protocol " + theirs->protocol +
                                      " by an incompatible schema: from here to there, " + what};
  return known;
}

}  // namespace troupe::cluster
