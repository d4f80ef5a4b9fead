#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/engine/timer_wheel.hpp>
#include <troupe/transport/detail/connection.hpp>
#include <troupe/transport/detail/greeter.hpp>
#include <troupe/transport/detail/held_frames.hpp>

namespace troupe::transport::detail {

class LoopLinks;
class PeerLanes;

/// The way from one loop here to one loop of a peer: its links, and the making of one when somebody wants to send.
class Lane {
 public:
  Lane(PeerLanes& peer, std::uint32_t to_loop);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// The one that an ask goes on at this moment; null: none takes any.
  Connection* connection() const;
  Sent send(std::size_t shard, const Frame& frame);
  bool cancel(std::uint64_t request);
  void up(Connection& connection);
  void down(Connection& connection);
  HeldFrames take_waiting();
  void stop(const std::string& why);
  Backlog backlog() const;

 private:
  enum class State : std::uint8_t { idle, dialing, resting };
  struct Rest : engine::Timer {
    explicit Rest(Lane& lane) : Timer(&Rest::fired), lane(lane) {}
    static void fired(engine::Timer& timer);
    Lane& lane;
  };

  void dial();
  void on_connected(std::shared_ptr<Channel> channel, const std::string& why);
  void on_greeted(const std::shared_ptr<Greeter>& greeter);
  void fail(const std::string& why);
  void rest();

  PeerLanes& peer_;
  const std::uint32_t to_loop_;
  State state_ = State::idle;
  std::vector<Connection*> connections_;  ///< the first that takes asks is used, so that these keep their order
  HeldFrames waiting_;
  std::shared_ptr<Greeter> greeter_;
  Rest rest_;
  bool wanted_ = false;  ///< somebody tried to send while resting
  unsigned failures_ = 0;
};

/// The ways from one loop here to all loops of a peer. Threads: its loop's.
class PeerLanes {
 public:
  PeerLanes(LoopLinks& links, std::string name, LinkAddress address);

  /// Where send() would send at once; null: it would wait, or not be sent.
  Connection* connection(std::size_t shard) { return lane_of(shard).connection(); }
  /// On the lane to the loop that the shard lives on. While it is not known how many loops the peer has, frames wait.
  Sent send(std::size_t shard, const Frame& frame);
  void cancel(std::uint64_t request);
  bool is_up() const { return ups_ > 0; }
  Backlog backlog() const;

  void up(Connection& connection);
  void down(Connection& connection);
  void stop(const std::string& why);

  LoopLinks& links() { return links_; }
  const std::string& name() const { return name_; }
  const LinkAddress& address() const { return address_; }

 private:
  void send_all(const HeldFrames& waiting);
  Lane& lane_to(std::size_t loop);
  Lane& lane_of(std::size_t shard) { return lane_to(loops_ == 0 ? 0 : shard % loops_); }

  LoopLinks& links_;
  const std::string name_;
  const LinkAddress address_;
  std::size_t loops_ = 0;  ///< of the peer; 0: not known yet
  std::size_t used_ = 1;   ///< of them, those that have a lane of their own
  std::size_t ups_ = 0;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace troupe::transport::detail
