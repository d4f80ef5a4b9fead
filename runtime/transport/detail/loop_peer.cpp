#include <troupe/transport/detail/loop_peer.hpp>

#include <algorithm>
#include <utility>

#include <troupe/transport/detail/node_links.hpp>

namespace troupe::transport::detail {

LoopPeer::LoopPeer(LoopLinks& links, std::string name, LinkAddress address)
    : links_(links), name_(std::move(name)), address_(std::move(address)) {}

PeerConnector& LoopPeer::connector_to(std::size_t loop) {
  const std::size_t index = loop % used_;
  if (index >= connectors_.size()) connectors_.resize(index + 1);
  if (!connectors_[index])
    connectors_[index] = std::make_unique<PeerConnector>(*this, static_cast<std::uint32_t>(index));
  return *connectors_[index];
}

SendResult LoopPeer::send(std::size_t shard, const Frame& frame) { return connector_of(shard).send(shard, frame); }

void LoopPeer::cancel(std::uint64_t request) {
  for (const auto& connector : connectors_) {
    if (connector && connector->cancel(request)) return;
  }
}

Connection* LoopPeer::connection_of(std::uint64_t request) const {
  for (const auto& connector : connectors_) {
    if (Connection* const found = connector ? connector->connection_of(request) : nullptr) return found;
  }
  return nullptr;
}

void LoopPeer::up(Connection& connection) {
  ++ups_;
  const NodeLinks& node = links_.node();
  loops_ = connection.peer().loops;
  used_ = std::min(loops_, std::max<std::size_t>(1, node.limits.connections_per_peer / node.loops.size()));
  PeerConnector& connector = connector_to(connection.peer().loop);
  connector.up(connection);
  // The number of loops is known now. Frames that waited on the first connector, or on one to a loop that the peer no
  // longer has, are sent to the loop of their shard.
  send_all(connector.take_waiting());
  for (std::size_t i = 0; i < connectors_.size(); ++i) {
    if (!connectors_[i] || (i > 0 && i < used_)) continue;
    send_all(connectors_[i]->take_waiting());
  }
}

void LoopPeer::send_all(const FrameQueue& waiting) {
  for (const auto& held : waiting) {
    const SendResult sent = send(held.shard, held.frame());
    if (sent == SendResult::accepted || held.type != FrameType::ask) continue;
    links_.node().receiver.on_lost(links_.loop(), held.request, Fate::not_executed, "the link took no more");
  }
}

void LoopPeer::down(Connection& connection) {
  --ups_;
  for (const auto& connector : connectors_) {
    if (connector) connector->down(connection);
  }
}

Backlog LoopPeer::backlog() const {
  Backlog all;
  for (const auto& connector : connectors_) {
    if (!connector) continue;
    const Backlog one = connector->backlog();
    all.asks += one.asks;
    all.octets += one.octets;
  }
  return all;
}

void LoopPeer::stop(const std::string& why) {
  for (const auto& connector : connectors_) {
    if (connector) connector->stop(why);
  }
}

}  // namespace troupe::transport::detail
