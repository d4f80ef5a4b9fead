#include <troupe/transport/detail/peer_lanes.hpp>

#include <algorithm>
#include <utility>

#include <troupe/transport/detail/core.hpp>

namespace troupe::transport::detail {

PeerLanes::PeerLanes(LoopLinks& links, std::string name, LinkAddress address)
    : links_(links), name_(std::move(name)), address_(std::move(address)) {}

Lane& PeerLanes::lane_to(std::size_t loop) {
  const std::size_t index = loop % used_;
  if (index >= lanes_.size()) lanes_.resize(index + 1);
  if (!lanes_[index]) lanes_[index] = std::make_unique<Lane>(*this, static_cast<std::uint32_t>(index));
  return *lanes_[index];
}

Sent PeerLanes::send(std::size_t shard, const Frame& frame) { return lane_of(shard).send(shard, frame); }

void PeerLanes::cancel(std::uint64_t request) {
  for (const auto& lane : lanes_) {
    if (lane && lane->cancel(request)) return;
  }
}

void PeerLanes::up(Connection& connection) {
  ++ups_;
  const Core& core = links_.core();
  loops_ = connection.remote().loops;
  used_ = std::min(loops_, std::max<std::size_t>(1, core.limits.connections_per_peer / core.loops.size()));
  Lane& lane = lane_to(connection.remote().loop);
  lane.up(connection);
  // What waited for any connection, or for a loop that the peer has no more, now goes to the one that it is for.
  send_all(lane.take_waiting());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i] || (i > 0 && i < used_)) continue;
    send_all(lanes_[i]->take_waiting());
  }
}

void PeerLanes::send_all(const HeldFrames& waiting) {
  for (const auto& held : waiting) {
    const Sent sent = send(held.shard, held.frame());
    if (sent == Sent::accepted || held.type != FrameType::ask) continue;
    links_.core().receiver.on_lost(links_.loop(), held.request, Fate::not_executed, "the link took no more");
  }
}

void PeerLanes::down(Connection& connection) {
  --ups_;
  for (const auto& lane : lanes_) {
    if (lane) lane->down(connection);
  }
}

Backlog PeerLanes::backlog() const {
  Backlog all;
  for (const auto& lane : lanes_) {
    if (!lane) continue;
    const Backlog one = lane->backlog();
    all.asks += one.asks;
    all.octets += one.octets;
  }
  return all;
}

void PeerLanes::stop(const std::string& why) {
  for (const auto& lane : lanes_) {
    if (lane) lane->stop(why);
  }
}

}  // namespace troupe::transport::detail
