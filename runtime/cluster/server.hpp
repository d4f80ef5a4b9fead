#pragma once

#include <string>

#include <troupe/cluster/ask_form.hpp>
#include <troupe/cluster/conversation.hpp>
#include <troupe/cluster/known_protocols.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::cluster {

/// Serves the asks of other nodes and of clients: an ask becomes an envelope of this node's engine, whose answer goes
/// back on the same link. Threads: any loop; each ask on that of its link.
class Server {
 public:
  Server(engine::Engine& engine, const KnownProtocols& protocols, std::string self);

  /// The link has a Conversation.
  transport::Taken serve(transport::Link& link, const transport::Frame& ask);
  /// The peer waits for its ask no more: unless its turn has begun, it will not, and nothing is kept of it.
  void cancel(transport::Link& link, std::uint64_t request);
  /// The link is gone, and with it whoever waited.
  void cancel_all(transport::Link& link);

 private:
  class Served;

  void give_up(const Serving& ask, transport::Link& link);
  EnvelopePtr envelope_of(AskView& call, const transport::Link& link, const transport::Frame& ask,
                          WireFailure& refusal) const;
  EnvelopePtr letter_of(const AskView& call, const engine::Host& host, const transport::Link& link,
                        const transport::Frame& ask, WireFailure& refusal) const;
  Shared<ChainLink> chain_of(const AskView& call) const;

  engine::Engine& engine_;
  const KnownProtocols& protocols_;
  const std::string self_;
};

}  // namespace troupe::cluster
