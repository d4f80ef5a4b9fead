#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>

#include <troupe/loop/timer_wheel.hpp>
#include <troupe/transport/detail/failure_detector.hpp>
#include <troupe/transport/detail/handshake/handshake.hpp>
#include <troupe/transport/detail/receive_buffer.hpp>
#include <troupe/transport/detail/receive_credit.hpp>
#include <troupe/transport/detail/send_queue.hpp>
#include <troupe/transport/link.hpp>
#include <troupe/transport/network.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::transport::detail {

class Connection;

/// Holds connections from their start to on_closed(), which comes before the receiver's on_down().
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void on_closed(Connection& connection) = 0;
};

/// A link over a channel: cuts frames, batches writes, keeps credit, detects a lost peer, says goodbye.
///
///     link   open ── say_goodbye() ──▶ draining ── nothing is under way ──▶ closed
///              └────── close(), the peer is lost or breaks the rules ────────▲
///     asks   open ── goodbye heard or said ──▶ ending ── the last is out ──▶ ended    (each direction)
///     output idle ── frames to send ──▶ scheduled ── end of the loop's round ──▶ idle
///              └────── the channel takes less than all ──▶ blocked ── on_writable() ──▶ idle
///
/// Lifetime: the owner holds it while it is open; whoever else keeps a pointer may call it until the loops are
/// destroyed, and gets `no_link` once it is closed.
class Connection final : public Link, private ChannelUser {
 public:
  Connection(loop::Loop& loop, const Limits& limits, Receiver& receiver, ConnectionOwner& owner, HandshakeResult result,
             std::shared_ptr<Channel> channel);
  ~Connection() override;

  /// Begins to read, after `first` is sent. `rest` is what the handshake has read beyond its end.
  void start(const Bytes& first, std::span<const std::byte> rest = {});
  /// Handles that rest.
  void handle_rest() { on_input(0); }
  /// Closes without telling peer, owner or receiver: all links of the node are being destroyed.
  void abandon();
  /// Asks the peer to begin no asks, and closes once nothing is under way any more.
  void say_goodbye();
  bool is_open() const { return state_ != State::closed; }
  /// Whether asks may be begun.
  bool takes_asks() const { return is_open() && own_asks_ == Asks::open; }
  /// Forgets an ask and tells the peer so; false: it is none of this link.
  bool cancel(std::uint64_t request);
  /// Whether an ask of ours is without an answer on it.
  bool has_asked(std::uint64_t request) const { return outstanding_.contains(request); }
  Instant up_since() const { return up_since_; }

  SendResult send(const Frame& frame) override;
  void release(std::size_t octets) override;
  void leave_unanswered() override;
  void close(const std::string& why) override;
  loop::Loop& loop() const override { return loop_; }
  const PeerInfo& peer() const override { return result_.peer; }
  LinkStatus status() const override;

 private:
  enum class State : std::uint8_t { open, draining, closed };
  enum class Asks : std::uint8_t {
    open,
    ending,  ///< none is begun any more; those that wait for credit still go
    ended
  };
  enum class Output : std::uint8_t { idle, scheduled, blocked };

  std::span<std::byte> input_space() override { return receive_buffer_.space(); }
  void on_input(std::size_t size) override;
  void on_writable() override;
  void on_closed(const std::string& why) override;

  void handle(const Frame& frame);
  void on_data(const Frame& frame);
  void on_ask(const Frame& frame);
  void on_credit(std::uint64_t octets);
  void on_goodbye(std::uint8_t flags);
  /// Tells the peer which rule of the protocol it broke, and closes.
  void fail(const std::string& what);
  void lose_asks(const std::string& why);

  void schedule_flush();
  void flush();
  void write_ready();
  void add_due_control();
  void close_if_drained();
  static void run_flush(void* self, std::uint64_t);
  static void drop_flush(void* self);

  struct Heartbeat : loop::Timer {
    explicit Heartbeat(Connection& connection) : Timer(&Heartbeat::fired), connection(connection) {}
    static void fired(loop::Timer& timer);
    Connection& connection;
  };
  void beat();

  loop::Loop& loop_;
  const Limits& limits_;
  Receiver& receiver_;
  ConnectionOwner& owner_;
  const HandshakeResult result_;
  std::shared_ptr<Channel> channel_;  ///< null once closed
  ReceiveBuffer receive_buffer_;
  ReceiveCredit receive_credit_;
  SendQueue send_queue_;
  boost::unordered_flat_set<std::uint64_t> outstanding_;
  std::size_t unanswered_ = 0;

  State state_ = State::open;
  Asks own_asks_ = Asks::open;   ///< `ending` by the peer's goodbye, `ended` when it is answered
  Asks peer_asks_ = Asks::open;  ///< `ending` by our goodbye, `ended` by the peer's last
  Output output_ = Output::idle;
  bool in_input_ = false;  ///< on_input() flushes at its end

  Heartbeat heartbeat_;
  FailureDetector failure_detector_;
  std::optional<std::uint64_t> pong_due_;
  const Instant up_since_;
};

}  // namespace troupe::transport::detail
