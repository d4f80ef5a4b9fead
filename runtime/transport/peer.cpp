#include <troupe/transport/peer.hpp>

#include <troupe/transport/detail/loop_peer.hpp>

namespace troupe::transport {

SendResult Peer::send(loop::Loop& here, std::size_t shard, const Frame& frame) {
  return per_loop_[here.index()]->send(shard, frame);
}

Link* Peer::link(loop::Loop& here, std::size_t shard) const { return per_loop_[here.index()]->connection(shard); }

Link* Peer::link_of(loop::Loop& here, std::uint64_t request) const {
  return per_loop_[here.index()]->connection_of(request);
}

void Peer::cancel(loop::Loop& here, std::uint64_t request) { per_loop_[here.index()]->cancel(request); }

bool Peer::is_up(loop::Loop& here) const { return per_loop_[here.index()]->is_up(); }

Backlog Peer::backlog(loop::Loop& here) const { return per_loop_[here.index()]->backlog(); }

}  // namespace troupe::transport
