#include <troupe/transport/peer.hpp>

#include <troupe/transport/detail/peer_lanes.hpp>

namespace troupe::transport {

Sent Peer::send(engine::Loop& here, std::size_t shard, const Frame& frame) {
  return lanes_[here.index()]->send(shard, frame);
}

Link* Peer::link(engine::Loop& here, std::size_t shard) const { return lanes_[here.index()]->connection(shard); }

void Peer::cancel(engine::Loop& here, std::uint64_t request) { lanes_[here.index()]->cancel(request); }

bool Peer::is_up(engine::Loop& here) const { return lanes_[here.index()]->is_up(); }

Backlog Peer::backlog(engine::Loop& here) const { return lanes_[here.index()]->backlog(); }

}  // namespace troupe::transport
