#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/transport/detail/peer_connector.hpp>

namespace troupe::transport::detail {

class LoopLinks;

/// A peer as one loop here uses it: a connector for each loop of the peer. Threads: its loop's.
class LoopPeer {
 public:
  LoopPeer(LoopLinks& links, std::string name, LinkAddress address);

  /// Where send() would send at once; null: it would wait, or not be sent.
  Connection* connection(std::size_t shard) { return connector_of(shard).connection(); }
  /// Sends to the loop that the shard lives on. Frames wait while it is not known how many loops the peer has.
  SendResult send(std::size_t shard, const Frame& frame);
  void cancel(std::uint64_t request);
  /// The link on which this ask has no answer yet; null: none.
  Connection* connection_of(std::uint64_t request) const;
  bool is_up() const { return ups_ > 0; }
  Backlog backlog() const;

  void up(Connection& connection);
  void down(Connection& connection);
  void stop(const std::string& why);

  LoopLinks& links() { return links_; }
  const std::string& name() const { return name_; }
  const LinkAddress& address() const { return address_; }

 private:
  void send_all(const FrameQueue& waiting);
  PeerConnector& connector_to(std::size_t loop);
  PeerConnector& connector_of(std::size_t shard) { return connector_to(loops_ == 0 ? 0 : shard % loops_); }

  LoopLinks& links_;
  const std::string name_;
  const LinkAddress address_;
  std::size_t loops_ = 0;  ///< of the peer; 0: not known yet
  std::size_t used_ = 1;   ///< of them, those that have a connector of their own
  std::size_t ups_ = 0;
  std::vector<std::unique_ptr<PeerConnector>> connectors_;
};

}  // namespace troupe::transport::detail
