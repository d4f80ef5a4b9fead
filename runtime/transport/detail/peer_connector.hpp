#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/loop/timer_wheel.hpp>
#include <troupe/transport/detail/connection.hpp>
#include <troupe/transport/detail/frame_queue.hpp>
#include <troupe/transport/detail/handshake/handshake_session.hpp>

namespace troupe::transport::detail {

class LoopPeer;

/// Connects one loop here to one loop of a peer: keeps their links, and opens one when there is something to send.
///
///     idle ── a frame to send, and no link ──▶ dialing ── handshake completed ──▶ idle, with a link
///       ▲                                         │
///       │                                       failed
///       │                                         ▼
///       └───────── the backoff is over ──── backing_off ◀── the last link is lost ── idle, with a link
///
/// Threads: its loop's. Lifetime: of its LoopPeer; callbacks of the network hold the NodeLinks weakly and so find it
/// alive or return.
class PeerConnector {
 public:
  PeerConnector(LoopPeer& peer, std::uint32_t to_loop);
  ~PeerConnector();
  PeerConnector(const PeerConnector&) = delete;
  PeerConnector& operator=(const PeerConnector&) = delete;

  /// The link that the next ask goes on; null: there is none that takes asks.
  Connection* connection() const;
  SendResult send(std::size_t shard, const Frame& frame);
  bool cancel(std::uint64_t request);
  /// The link on which this ask has no answer yet; null: none.
  Connection* connection_of(std::uint64_t request) const;
  void up(Connection& connection);
  void down(Connection& connection);
  FrameQueue take_waiting();
  void stop(const std::string& why);
  Backlog backlog() const;

 private:
  enum class State : std::uint8_t { idle, dialing, backing_off };
  struct BackoffTimer : loop::Timer {
    explicit BackoffTimer(PeerConnector& connector) : Timer(&BackoffTimer::fired), connector(connector) {}
    static void fired(loop::Timer& timer);
    PeerConnector& connector;
  };

  void dial();
  void on_connected(std::shared_ptr<Channel> channel, const std::string& why);
  void on_handshake_ended(const std::shared_ptr<HandshakeSession>& session);
  void fail(const std::string& why);
  void back_off();

  LoopPeer& peer_;
  const std::uint32_t to_loop_;
  State state_ = State::idle;
  std::vector<Connection*> connections_;  ///< the first that takes asks is used, so that these keep their order
  FrameQueue waiting_;
  std::shared_ptr<HandshakeSession> handshake_session_;
  BackoffTimer backoff_;
  bool wanted_in_backoff_ = false;  ///< somebody tried to send meanwhile
  unsigned failures_ = 0;
};

}  // namespace troupe::transport::detail
