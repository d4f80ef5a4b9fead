#pragma once

#include <functional>
#include <memory>

#include <troupe/loop/timer_wheel.hpp>
#include <troupe/transport/detail/handshake/handshake.hpp>

namespace troupe::transport::detail {

/// Carries a handshake out over a channel, within a time limit. Lifetime: its starter holds it until it has ended.
class HandshakeSession final : public std::enable_shared_from_this<HandshakeSession>, private ChannelUser {
 public:
  /// Called once, on the loop, with the handshake completed or refused, or with neither where the connection was lost.
  using OnEnd = std::function<void(const std::shared_ptr<HandshakeSession>&)>;
  HandshakeSession(loop::Loop& loop, std::shared_ptr<Channel> channel, std::unique_ptr<Handshake> handshake,
                   OnEnd on_end);
  ~HandshakeSession();
  HandshakeSession(const HandshakeSession&) = delete;
  HandshakeSession& operator=(const HandshakeSession&) = delete;

  void start(std::chrono::milliseconds limit);

  Handshake& handshake() { return *handshake_; }
  /// When completed.
  std::shared_ptr<Channel> take_channel() { return std::move(channel_); }
  /// When the connection was lost.
  const std::string& lost_because() const { return lost_because_; }

 private:
  struct Limit : loop::Timer {
    explicit Limit(HandshakeSession& session) : Timer(&Limit::fired), session(session) {}
    static void fired(loop::Timer& timer);
    HandshakeSession& session;
  };

  std::span<std::byte> input_space() override { return handshake_->space(); }
  void on_input(std::size_t size) override;
  void on_writable() override;
  void on_closed(const std::string& why) override;
  void proceed();
  void write();
  void end();

  loop::Loop& loop_;
  std::shared_ptr<Channel> channel_;
  std::unique_ptr<Handshake> handshake_;
  OnEnd on_end_;
  Limit limit_;
  Bytes unsent_;
  bool blocked_ = false;
  std::string lost_because_;
};

}  // namespace troupe::transport::detail
