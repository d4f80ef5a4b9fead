#include <troupe/transport/detail/node_links.hpp>

#include <algorithm>
#include <utility>

namespace troupe::transport::detail {

NodeLinks::NodeLinks(std::vector<loop::Loop*> the_loops, Network& network, Self self, Receiver& receiver,
                     const Limits& limits)
    : loops(std::move(the_loops)), network(network), self(std::move(self)), receiver(receiver), limits(limits) {
  for (std::size_t i = 0; i < loops.size(); ++i) links.push_back(std::make_unique<LoopLinks>(*this, i));
}

NodeLinks::~NodeLinks() = default;

void NodeLinks::listen(const LinkAddress& wanted) {
  listener = network.listen(wanted, *loops.front(),
                            [this](std::shared_ptr<Channel> channel) { on_accept(std::move(channel)); });
  address = to_string(listener->address());
}

Peer& NodeLinks::add_peer(const std::string& name, const LinkAddress& address) {
  auto peer = std::make_unique<Peer>(name);
  for (const auto& each : links) {
    const std::size_t index = each->loop().index();
    if (peer->per_loop_.size() <= index) peer->per_loop_.resize(index + 1);
    peer->per_loop_[index] = &each->add_peer(name, address);
  }
  peers.push_back(std::move(peer));
  return *peers.back();
}

std::optional<Refusal> NodeLinks::join(const Identity& peer) {
  const auto joined = registry.join(peer);
  if (joined.supersedes) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
      loops[i]->call([weak = weak_from_this(), i, peer] {
        if (const auto node = weak.lock()) node->links[i]->close_others(peer);
      });
    }
  }
  return joined.refusal;
}

std::optional<Refusal> NodeLinks::admit(const Identity& peer) {
  if (accepted >= limits.connections) {
    return Refusal{RefusalReason::too_many_links, "node \"" + self.identity.name + "\" has as many links as it takes"};
  }
  auto refusal = join(peer);
  if (!refusal) ++accepted;
  return refusal;
}

void NodeLinks::on_accept(std::shared_ptr<Channel> channel) {
  loop::Loop& loop = *loops.front();
  loop.refresh();
  if (draining) return turn_away(*channel, {RefusalReason::draining, "the node is about to stop"});
  if (handshakes_.size() >= limits.handshakes) {
    return turn_away(*channel, {RefusalReason::too_many_links, "too many handshakes at once"});
  }
  auto handshake =
      std::make_unique<AcceptorHandshake>(self, limits, static_cast<std::uint32_t>(loops.size()), channel->proximity(),
                                          network.nonce(loop), [this](const Identity& peer) { return admit(peer); });
  const auto session =
      std::make_shared<HandshakeSession>(loop, std::move(channel), std::move(handshake),
                                         [weak = weak_from_this()](const std::shared_ptr<HandshakeSession>& ended) {
                                           if (const auto node = weak.lock()) node->on_handshake_ended(ended);
                                         });
  handshakes_.insert(session);
  session->start(limits.handshake);
}

void NodeLinks::turn_away(Channel& channel, const Refusal& refusal) const {
  const auto octets = preface();
  Bytes output(octets.begin(), octets.end());
  append_frame(output, {FrameType::refuse, 0, 0, encode(refusal)});
  // What a new socket does not take at once is dropped: a refused peer is not waited for.
  channel.write(output);
  channel.close();
}

void NodeLinks::tell_refused(const std::string& peer, const Handshake& handshake) const {
  receiver.on_refused(peer, handshake.refusal(), handshake.refused_by());
}

void NodeLinks::on_handshake_ended(const std::shared_ptr<HandshakeSession>& session) {
  handshakes_.erase(session);
  Handshake& handshake = session->handshake();
  if (handshake.state() == Handshake::State::refused) {
    return receiver.on_caller_refused(handshake.peer_name(), handshake.refusal(), handshake.refused_by());
  }
  if (handshake.state() == Handshake::State::under_way) {
    const std::string detail = "the connection ended in its handshake: " + session->lost_because();
    return receiver.on_caller_refused(handshake.peer_name(), {RefusalReason::malformed, detail}, RefusedBy::peer);
  }
  const std::size_t to = handshake.result().own_loop;
  const auto adopt = [weak = weak_from_this(), to, result = handshake.result(),
                      welcome = handshake.take_output()](std::shared_ptr<Channel> channel) {
    const auto node = weak.lock();
    if (!node) return channel->close();
    node->links[to]->adopt(LoopLinks::Origin::accepted, result, std::move(channel), welcome, {});
  };
  auto channel = session->take_channel();
  if (to == 0) return adopt(std::move(channel));
  channel->move_to(*loops[to], adopt);
}

void NodeLinks::on_each_loop(const std::function<void(LoopLinks&, Ended)>& what, Ended then) {
  const auto left = std::make_shared<std::size_t>(loops.size());  // counted on the first loop only
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const auto ended = [weak = weak_from_this(), left, then] {
      const auto node = weak.lock();
      if (!node) return;
      node->loops.front()->call([left, then] {
        if (--*left == 0) then();
      });
    };
    loops[i]->call([weak = weak_from_this(), i, what, ended] {
      if (const auto node = weak.lock()) what(*node->links[i], ended);
    });
  }
}

void NodeLinks::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  draining = true;
  listener.reset();
  // A loop that has drained may still open a link, for asks of a turn that another loop has under way. So all links are
  // closed once every loop has drained.
  on_each_loop([limit](LoopLinks& each, Ended ended) { each.drain(limit, std::move(ended)); },
               [weak = weak_from_this(), done = std::move(done)] {
                 const auto node = weak.lock();
                 if (!node) return;
                 node->on_each_loop(
                     [](LoopLinks& each, const Ended& ended) {
                       each.close_all("drained");
                       ended();
                     },
                     done);
               });
}

void NodeLinks::close(const std::string& why) {
  draining = true;
  listener.reset();
  handshakes_.clear();
  on_each_loop([why](LoopLinks& each, const Ended&) { each.close_all(why); }, [] {});
}

}  // namespace troupe::transport::detail
