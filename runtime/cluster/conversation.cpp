#include <troupe/cluster/conversation.hpp>

#include <troupe/cluster/protocol_form.hpp>
#include <troupe/wire/msgpack.hpp>

namespace troupe::cluster {

Conversation::Conversation(const KnownProtocols& protocols, transport::Link& link) : protocols_(protocols) {
  const auto& theirs = link.remote().fingerprints;
  for (const auto& known : protocols.all()) {
    Agreement& agreement = agreements_.emplace_back();
    const auto found = theirs.find(std::string(known.host->name()));
    if (found == theirs.end()) continue;
    if (found->second == known.fingerprint) {
      agreement.manner = Manner::positional;
      continue;
    }
    // It goes ahead of every ask, so that the peer can tell an ask that it must refuse.
    const Bytes form = wire::to_msgpack(form_of(*known.host->type().protocol), wire::Encoding::keyed);
    const auto sent = link.send({transport::FrameType::schema, 0, 0, form});
    if (sent == transport::Sent::accepted) continue;
    agreement = {Manner::refused, "node " + link.remote().identity.name + " knows the protocol " +
                                      std::string(known.host->name()) +
                                      " by another schema, and takes no frame as large as this node's"};
  }
}

const KnownProtocols::Known* Conversation::learn(const transport::Link& link, std::span<const std::byte> form) {
  const auto theirs = wire::from_msgpack<ProtocolForm>(form, wire::Encoding::keyed);
  // Of a later version, perhaps: what it asks is looked at field by field.
  if (!theirs) return nullptr;
  const auto* known = protocols_.find(theirs->protocol);
  if (!known || agreements_[known->number].manner != Manner::keyed) return nullptr;
  const std::string what = difference(form_of(*known->host->type().protocol), *theirs);
  if (what.empty()) return nullptr;
  const std::string& peer = link.remote().identity.name;
  agreements_[known->number] = {Manner::refused, "node " + peer + " knows the protocol " + theirs->protocol +
                                                     " by an incompatible schema: from here to there, " + what};
  return known;
}

}  // namespace troupe::cluster
