#pragma once

#include <string>

#include <troupe/cluster/ask_codec.hpp>
#include <troupe/cluster/known_protocols.hpp>
#include <troupe/cluster/link_session.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::cluster {

/// Serves the asks of other nodes and of clients: an ask becomes an envelope of this node's engine, whose answer goes
/// back on the same link. Threads: any loop; each ask on that of its link.
class Server {
 public:
  Server(engine::Engine& engine, const KnownProtocols& protocols, std::string self);

  /// Needs a LinkSession on the link.
  transport::Taken serve(transport::Link& link, const transport::Frame& ask);
  /// The peer has cancelled an ask: if its turn has not begun it never will, and the ask is forgotten.
  void cancel(transport::Link& link, std::uint64_t request);
  /// A probe has come after an ask of the peer. One that can't be read, or whose ask has its answer, is dropped.
  void visit(transport::Link& link, const transport::Frame& probe);
  /// The link is closed: cancels all asks that came on it.
  void cancel_all(transport::Link& link);

 private:
  class AnswerSender;

  void give_up(const PendingAsk& ask, transport::Link& link);
  EnvelopePtr envelope_of(AskView& call, const transport::Link& link, const transport::Frame& ask,
                          WireFailure& refusal) const;
  EnvelopePtr decode_message(const AskView& call, const engine::Host& host, const transport::Link& link,
                             const transport::Frame& ask, WireFailure& refusal) const;
  Shared<ChainLink> chain_of(const AskView& call) const;

  engine::Engine& engine_;
  const KnownProtocols& protocols_;
  const std::string self_;
};

}  // namespace troupe::cluster
