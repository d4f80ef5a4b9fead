#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/transport/link.hpp>

namespace troupe::transport {
namespace detail {
class NodeLinks;
class LoopPeer;
}  // namespace detail

/// A node that this one may reach: its links, opened when somebody first wants to send, and again when they are lost.
///
///     switch (peer.send(loop, shard, {FrameType::ask, flags, request, octets})) { … }
///
/// Threads: any loop of the node, each naming itself.
class Peer {
 public:
  explicit Peer(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// Sends to the loop that this shard lives on, counting `shard % loops` there. No wake-up, no lock.
  ///
  /// Where there is no link yet, one is opened and the frame waits for it, within the limits. After a failed attempt
  /// and until the next, the answer is `no_link` at once.
  SendResult send(loop::Loop& here, std::size_t shard, const Frame& frame);

  /// The link on which an ask to that shard would go at this moment; null: none is up for it.
  Link* link(loop::Loop& here, std::size_t shard) const;

  /// The link on which this ask is under way; null: none, or it still waits for one.
  Link* link_of(loop::Loop& here, std::uint64_t request) const;

  /// Nobody waits for this ask any more: its answer is not delivered, nor its loss. Unsent, it never goes; otherwise
  /// the peer is told, and may still execute it.
  void cancel(loop::Loop& here, std::uint64_t request);

  /// Whether this loop has a link with the peer.
  bool is_up(loop::Loop& here) const;
  /// What this loop wants to send and has no link for yet.
  Backlog backlog(loop::Loop& here) const;

 private:
  friend class detail::NodeLinks;
  std::string name_;
  std::vector<detail::LoopPeer*> per_loop_;  ///< by the loops' own index
};

}  // namespace troupe::transport
