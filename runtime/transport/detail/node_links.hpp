#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <vector>

#include <troupe/transport/detail/handshake/handshake_session.hpp>
#include <troupe/transport/detail/loop_links.hpp>
#include <troupe/transport/detail/peer_registry.hpp>
#include <troupe/transport/peer.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::transport::detail {

/// What the links of all loops of a node share.
///
/// Lifetime: Links holds it, and so does a job of its drain() or close(). Callbacks of loops, network and handshakes
/// hold weak pointers to it, and do nothing once it is destroyed.
class NodeLinks : public std::enable_shared_from_this<NodeLinks> {
 public:
  NodeLinks(std::vector<loop::Loop*> loops, Network& network, Self self, Receiver& receiver, const Limits& limits);
  ~NodeLinks();
  NodeLinks(const NodeLinks&) = delete;
  NodeLinks& operator=(const NodeLinks&) = delete;

  void listen(const LinkAddress& wanted);
  Peer& add_peer(const std::string& name, const LinkAddress& address);
  void drain(std::chrono::milliseconds limit, std::function<void()> done);
  void close(const std::string& why);

  /// Counts a link with a peer, and closes those with an earlier incarnation of it.
  std::optional<Refusal> join(const Identity& peer);
  /// Tells of a handshake that one of the two refused.
  void tell_refused(const std::string& peer, const Handshake& handshake) const;

  const std::vector<loop::Loop*> loops;
  Network& network;
  const Self self;
  Receiver& receiver;
  const Limits limits;
  PeerRegistry registry;
  std::atomic<std::size_t> accepted{0};
  std::atomic<bool> draining{false};
  std::vector<std::unique_ptr<LoopLinks>> links;  ///< by position in loops
  std::vector<std::unique_ptr<Peer>> peers;
  std::unique_ptr<Listener> listener;
  std::string address;  ///< of the listener, also when it is gone

 private:
  using Ended = std::function<void()>;
  /// On each loop; then, when all have called what they were given, on the first.
  void on_each_loop(const std::function<void(LoopLinks&, Ended)>& what, Ended then);
  void on_accept(std::shared_ptr<Channel> channel);
  void turn_away(Channel& channel, const Refusal& refusal) const;
  void on_handshake_ended(const std::shared_ptr<HandshakeSession>& session);
  std::optional<Refusal> admit(const Identity& peer);

  std::set<std::shared_ptr<HandshakeSession>> handshakes_;  ///< on the first loop
};

}  // namespace troupe::transport::detail
