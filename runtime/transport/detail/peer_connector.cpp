#include <troupe/transport/detail/peer_connector.hpp>

#include <algorithm>
#include <utility>

#include <troupe/transport/detail/loop_peer.hpp>
#include <troupe/transport/detail/node_links.hpp>

namespace troupe::transport::detail {

PeerConnector::PeerConnector(LoopPeer& peer, std::uint32_t to_loop) : peer_(peer), to_loop_(to_loop), backoff_(*this) {}

PeerConnector::~PeerConnector() {
  if (backoff_.armed()) peer_.links().loop().cancel_timer(backoff_);
}

Connection* PeerConnector::connection() const {
  const auto found = std::ranges::find_if(connections_, [](const Connection* each) { return each->takes_asks(); });
  return found == connections_.end() ? nullptr : *found;
}

SendResult PeerConnector::send(std::size_t shard, const Frame& frame) {
  if (Connection* const open = connection()) return open->send(frame);
  // A peer that drains still has links here: it is dialed again when they are closed.
  if (!connections_.empty()) return SendResult::no_link;
  if (peer_.links().is_closed()) return SendResult::no_link;
  if (state_ == State::backing_off) {
    wanted_in_backoff_ = true;
    return SendResult::no_link;
  }
  const Limits& limits = peer_.links().node().limits;
  if (waiting_.octets() + size_of(frame) > limits.queued || waiting_.size() >= limits.outstanding) {
    return SendResult::overloaded;
  }
  waiting_.push(frame, shard);
  if (state_ == State::idle) dial();
  return SendResult::accepted;
}

bool PeerConnector::cancel(std::uint64_t request) {
  if (waiting_.remove(request)) return true;
  return std::ranges::any_of(connections_, [&](Connection* each) { return each->cancel(request); });
}

Connection* PeerConnector::connection_of(std::uint64_t request) const {
  const auto found = std::ranges::find_if(connections_, [&](Connection* each) { return each->has_asked(request); });
  return found == connections_.end() ? nullptr : *found;
}

FrameQueue PeerConnector::take_waiting() { return std::exchange(waiting_, {}); }

Backlog PeerConnector::backlog() const { return {waiting_.size(), waiting_.octets()}; }

void PeerConnector::up(Connection& connection) { connections_.push_back(&connection); }

void PeerConnector::down(Connection& connection) {
  if (std::erase(connections_, &connection) == 0 || !connections_.empty() || state_ != State::idle) return;
  const Limits& limits = peer_.links().node().limits;
  // A link that lasted ends the series of failures. After one that broke soon, the backoff goes on growing.
  if (peer_.links().loop().now() - connection.up_since() > limits.reconnect.longest) failures_ = 0;
  back_off();
}

void PeerConnector::dial() {
  state_ = State::dialing;
  wanted_in_backoff_ = false;
  NodeLinks& node = peer_.links().node();
  node.network.connect(peer_.address(), peer_.links().loop(), node.limits.connect,
                       [weak = node.weak_from_this(), this](std::shared_ptr<Channel> channel, const std::string& why) {
                         const auto alive = weak.lock();
                         if (alive) return on_connected(std::move(channel), why);
                         if (channel) channel->close();
                       });
}

void PeerConnector::on_connected(std::shared_ptr<Channel> channel, const std::string& why) {
  NodeLinks& node = peer_.links().node();
  if (state_ != State::dialing) {
    if (channel) channel->close();
    return;
  }
  if (!channel) {
    const std::string text = to_string(peer_.address()) + ": " + why;
    node.receiver.on_unreachable(peer_.name(), text);
    return fail(text);
  }
  if (!node.self.may_talk_to(channel->proximity())) {
    channel->close();
    const Refusal refusal{RefusalReason::no_secret,
                          "the topology has no secret, so only peers on this machine are dialed"};
    node.receiver.on_refused(peer_.name(), refusal, RefusedBy::us);
    return fail(refusal.detail);
  }
  DialerHandshake::Request request{.name = peer_.name(),
                                   .from_loop = static_cast<std::uint32_t>(peer_.links().position()),
                                   .to_loop = to_loop_,
                                   .loops = static_cast<std::uint32_t>(node.loops.size())};
  auto handshake = std::make_unique<DialerHandshake>(node.self, node.limits, std::move(request),
                                                     node.network.nonce(peer_.links().loop()));
  handshake_session_ = std::make_shared<HandshakeSession>(
      peer_.links().loop(), std::move(channel), std::move(handshake),
      [weak = node.weak_from_this(), this](const std::shared_ptr<HandshakeSession>& session) {
        if (const auto alive = weak.lock()) on_handshake_ended(session);
      });
  handshake_session_->start(node.limits.handshake);
}

void PeerConnector::on_handshake_ended(const std::shared_ptr<HandshakeSession>& session) {
  NodeLinks& node = peer_.links().node();
  handshake_session_.reset();
  if (state_ != State::dialing) return;
  Handshake& handshake = session->handshake();
  if (handshake.state() == Handshake::State::refused) {
    node.tell_refused(peer_.name(), handshake);
    return fail(handshake.refusal().detail);
  }
  if (handshake.state() == Handshake::State::under_way) {
    const std::string why = to_string(peer_.address()) + ": the connection ended in its handshake: ";
    node.receiver.on_unreachable(peer_.name(), why + session->lost_because());
    return fail(why + session->lost_because());
  }
  auto channel = session->take_channel();
  if (const auto refusal = node.join(handshake.result().peer.identity)) {
    Bytes octets;
    append_frame(octets, {FrameType::refuse, 0, 0, encode(*refusal)});
    channel->write(octets);
    channel->close();
    node.receiver.on_refused(peer_.name(), *refusal, RefusedBy::us);
    return fail(refusal->detail);
  }
  state_ = State::idle;
  peer_.links().adopt(LoopLinks::Origin::dialed, handshake.result(), std::move(channel), {}, handshake.rest());
}

void PeerConnector::fail(const std::string& why) {
  state_ = State::idle;
  ++failures_;
  if (connections_.empty()) back_off();
  NodeLinks& node = peer_.links().node();
  const FrameQueue lost = take_waiting();
  for (const auto& held : lost) {
    if (held.type == FrameType::ask) node.receiver.on_lost(peer_.links().loop(), held.request, Fate::not_executed, why);
  }
}

void PeerConnector::back_off() {
  if (peer_.links().is_closed()) return;
  state_ = State::backing_off;
  loop::Loop& loop = peer_.links().loop();
  loop.start_timer(backoff_, loop.now() + peer_.links().node().limits.reconnect.wait(failures_, loop.random()));
}

void PeerConnector::BackoffTimer::fired(loop::Timer& timer) {
  PeerConnector& connector = static_cast<BackoffTimer&>(timer).connector;
  connector.state_ = State::idle;
  if (connector.wanted_in_backoff_ && connector.connections_.empty()) connector.dial();
}

void PeerConnector::stop(const std::string& why) {
  if (backoff_.armed()) peer_.links().loop().cancel_timer(backoff_);
  handshake_session_.reset();
  fail(why);
}

}  // namespace troupe::transport::detail
