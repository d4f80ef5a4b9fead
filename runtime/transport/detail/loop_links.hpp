#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include <troupe/transport/detail/connection.hpp>
#include <troupe/transport/detail/peer_lanes.hpp>

namespace troupe::transport::detail {

class Core;

/// The links of one loop. Threads: its loop's.
class LoopLinks final : private ConnectionOwner {
 public:
  enum class Origin : std::uint8_t { accepted, dialed };

  LoopLinks(Core& core, std::size_t position);
  ~LoopLinks() override;
  LoopLinks(const LoopLinks&) = delete;
  LoopLinks& operator=(const LoopLinks&) = delete;

  PeerLanes& add_peer(const std::string& name, const LinkAddress& address);
  /// Makes a link of an agreement that the roster has counted.
  /// `first` is to be sent, `rest` has come already.
  void adopt(Origin origin, Agreement agreement, std::shared_ptr<Channel> channel, const Bytes& first,
             std::span<const std::byte> rest);
  /// Closes links with other processes of that name.
  void close_others(const Identity& peer);
  /// Closes everything, for good.
  void close_all(const std::string& why);
  bool is_closed() const { return closed_; }
  /// Says goodbye on all links; calls `done` when the last is gone, or after the limit.
  void drain(std::chrono::milliseconds limit, std::function<void()> done);
  void each(const std::function<void(Link&)>& visit);

  Core& core() { return core_; }
  engine::Loop& loop() { return loop_; }
  std::size_t position() const { return position_; }

 private:
  struct Limit : engine::Timer {
    explicit Limit(LoopLinks& links) : Timer(&Limit::fired), links(links) {}
    static void fired(engine::Timer& timer);
    LoopLinks& links;
  };
  struct Held {
    Shared<Connection> connection;
    Origin origin;
  };

  void on_closed(Connection& connection) override;
  PeerLanes* lanes_of(const Connection& connection);
  void finish_drain();

  Core& core_;
  engine::Loop& loop_;
  const std::size_t position_;
  std::map<std::string, std::unique_ptr<PeerLanes>> peers_;
  std::map<Connection*, Held> links_;
  Limit limit_;
  std::function<void()> drained_;
  bool closed_ = false;
};

}  // namespace troupe::transport::detail
