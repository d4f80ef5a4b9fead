#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include <troupe/transport/detail/connection.hpp>
#include <troupe/transport/detail/loop_peer.hpp>

namespace troupe::transport::detail {

class NodeLinks;

/// The links of one loop. Threads: its loop's.
class LoopLinks final : private ConnectionOwner {
 public:
  enum class Origin : std::uint8_t { accepted, dialed };

  LoopLinks(NodeLinks& node, std::size_t position);
  ~LoopLinks() override;
  LoopLinks(const LoopLinks&) = delete;
  LoopLinks& operator=(const LoopLinks&) = delete;

  LoopPeer& add_peer(const std::string& name, const LinkAddress& address);
  /// Makes a link of a completed handshake that the registry has counted.
  /// `first` is to be sent, `rest` has come already.
  void adopt(Origin origin, HandshakeResult result, std::shared_ptr<Channel> channel, const Bytes& first,
             std::span<const std::byte> rest);
  /// Closes links with other processes of that name.
  void close_others(const Identity& peer);
  /// Closes everything, for good.
  void close_all(const std::string& why);
  bool is_closed() const { return closed_; }
  /// Says goodbye on all links; calls `done` when the last is gone, or after the limit.
  void drain(std::chrono::milliseconds limit, std::function<void()> done);
  void each(const std::function<void(Link&)>& visit);

  NodeLinks& node() { return node_; }
  loop::Loop& loop() { return loop_; }
  std::size_t position() const { return position_; }

 private:
  struct Limit : loop::Timer {
    explicit Limit(LoopLinks& links) : Timer(&Limit::fired), links(links) {}
    static void fired(loop::Timer& timer);
    LoopLinks& links;
  };
  struct Entry {
    Shared<Connection> connection;
    Origin origin;
  };

  void on_closed(Connection& connection) override;
  LoopPeer* find_peer(const Connection& connection);
  void finish_drain();

  NodeLinks& node_;
  loop::Loop& loop_;
  const std::size_t position_;
  std::map<std::string, std::unique_ptr<LoopPeer>> peers_;
  std::map<Connection*, Entry> links_;
  Limit limit_;
  std::function<void()> drained_;
  bool closed_ = false;
};

}  // namespace troupe::transport::detail
