#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>

#include <troupe/engine/timer_wheel.hpp>
#include <troupe/transport/detail/greeting.hpp>
#include <troupe/transport/detail/outbound.hpp>
#include <troupe/transport/detail/pulse.hpp>
#include <troupe/transport/link.hpp>
#include <troupe/transport/network.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::transport::detail {

class Connection;

/// Keeps connections; told of their end before the receiver is.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void on_closed(Connection& connection) = 0;
};

/// A link over a channel: cuts frames, batches writes, keeps credit, listens for life, says goodbye.
class Connection final : public Link, private ChannelUser {
 public:
  Connection(engine::Loop& loop, const Limits& limits, Receiver& receiver, ConnectionOwner& owner, Agreement agreement,
             std::shared_ptr<Channel> channel);
  ~Connection() override;

  /// Begins to read, after `first` is sent. `rest` is what the handshake has read beyond its end.
  void start(const Bytes& first, std::span<const std::byte> rest = {});
  /// Handles that rest.
  void handle_rest() { on_input(0); }
  /// Closes without a word to anyone: the whole node goes.
  void abandon();
  /// Asks the peer to begin no asks, and closes once nothing is under way any more.
  void say_goodbye();
  bool is_open() const { return channel_ != nullptr; }
  /// Whether asks may be begun.
  bool takes_asks() const { return is_open() && !peer_leaving_; }
  /// Forgets an ask and tells the peer so; false: it is none of this link.
  bool cancel(std::uint64_t request);
  Instant up_since() const { return up_since_; }

  Sent send(const Frame& frame) override;
  void release(std::size_t octets) override;
  void leave_unanswered() override;
  void close(const std::string& why) override;
  engine::Loop& loop() const override { return loop_; }
  const Remote& remote() const override { return agreement_.remote; }
  LinkStatus status() const override;

 private:
  std::span<std::byte> input_space() override { return inbound_.space(); }
  void on_input(std::size_t size) override;
  void on_writable() override;
  void on_closed(const std::string& why) override;

  void handle(const Frame& frame);
  void on_data(const Frame& frame);
  void on_ask(const Frame& frame);
  void on_credit(std::uint64_t octets);
  void on_goodbye(std::uint8_t flags);
  /// The peer broke the rules: tells it so, and closes.
  void fail(const std::string& what);
  void lose_asks(const std::string& why);

  void flush_soon();
  void flush();
  void write_ready();
  void add_due_control();
  bool owes_credit() const;
  void close_if_drained();
  static void run_flush(void* self, std::uint64_t);
  static void drop_flush(void* self);

  struct Heartbeat : engine::Timer {
    explicit Heartbeat(Connection& connection) : Timer(&Heartbeat::fired), connection(connection) {}
    static void fired(engine::Timer& timer);
    Connection& connection;
  };
  void beat();

  engine::Loop& loop_;
  const Limits& limits_;
  Receiver& receiver_;
  ConnectionOwner& owner_;
  const Agreement agreement_;
  std::shared_ptr<Channel> channel_;  ///< null: closed
  Inbound inbound_;
  Outbound outbound_;
  boost::unordered_flat_set<std::uint64_t> outstanding_;
  std::size_t unanswered_ = 0;

  bool in_input_ = false;
  bool flush_queued_ = false;
  bool blocked_ = false;  ///< the channel took less than all

  std::size_t uncredited_ = 0;  ///< octets of asks received for which no credit was given back
  std::size_t consumed_ = 0;    ///< of them, those that are done with

  bool leaving_ = false;
  bool peer_leaving_ = false;
  bool last_due_ = false;
  bool peer_last_ = false;

  Heartbeat heartbeat_;
  Pulse pulse_;
  std::optional<std::uint64_t> pong_due_;
  const Instant up_since_;
};

}  // namespace troupe::transport::detail
