#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <troupe/transport/detail/handshake/handshake_messages.hpp>
#include <troupe/transport/detail/receive_buffer.hpp>
#include <troupe/transport/identity.hpp>
#include <troupe/transport/limits.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::transport::detail {

/// What the two ends of a completed handshake agreed on.
struct HandshakeResult {
  PeerInfo peer;
  std::uint32_t own_loop = 0;   ///< that reads this link at this end
  std::uint32_t window = 0;     ///< our first credit
  std::uint32_t max_frame = 0;  ///< the largest that the peer takes
};

/// One end of a handshake, as a pure algorithm: octets in, octets out, and at last a result or a refusal.
///
///     dialer     sends preface and hello ── awaits challenge ── sends proof ──▶ awaits welcome ──▶ completed
///     acceptor   awaits preface ── awaits hello ── sends challenge ──▶ awaits proof ── sends welcome ──▶ completed
///     either     a check that fails, a frame that is not awaited, or refuse() ──▶ refused, and the peer is told why
class Handshake {
 public:
  enum class State : std::uint8_t { under_way, completed, refused };

  virtual ~Handshake() = default;
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  std::span<std::byte> space() { return receive_buffer_.space(); }
  /// Reads what has come; afterwards output() may have grown.
  State received(std::size_t octets);
  /// Ends it from this side: the peer hears why.
  void refuse(Refusal refusal);

  State state() const { return state_; }
  /// To be sent; also after a refusal.
  Bytes take_output() { return std::exchange(output_, {}); }
  /// The name that the peer claims; empty before it claims one.
  const std::string& peer_name() const { return peer_name_; }
  /// When refused: why, and who refused.
  const Refusal& refusal() const { return refusal_; }
  RefusedBy refused_by() const { return refused_by_; }
  /// When completed.
  const HandshakeResult& result() const { return result_; }
  /// What came behind the peer's last message: the first frames of the link.
  std::span<const std::byte> rest() const { return receive_buffer_.octets(); }

 protected:
  Handshake(const Self& self, const Limits& limits) : self_(self), limits_(limits) {}

  /// A whole frame, not a refusal.
  virtual void on_frame(const Frame& frame) = 0;
  virtual void on_preface() {}

  void send(FrameType type, std::span<const std::byte> payload) { append_frame(output_, {type, 0, 0, payload}); }
  void send_preface();
  void send_terms(FrameType type, Side side, std::uint32_t loop);
  /// Checks the octets of a proof or welcome; empty, and refused, where they do not hold.
  std::optional<Terms> check_terms(Side side, std::span<const std::byte> payload);
  void complete(const Terms& terms, std::uint32_t own_loop);
  void malformed(const std::string& what) { refuse({RefusalReason::malformed, what}); }

  const Self& self_;
  const Limits& limits_;
  Bytes hello_;
  Bytes challenge_;
  std::string peer_name_;
  HandshakeResult result_;

 private:
  bool step();
  std::string_view key() const { return key_ < self_.keys.size() ? std::string_view(self_.keys[key_]) : ""; }

  std::size_t key_ = 0;  ///< of ours, that the other end has as well
  ReceiveBuffer receive_buffer_;
  Bytes output_;
  State state_ = State::under_way;
  /// The peer's preface comes before its frames.
  enum class Input : std::uint8_t { preface, frames } input_ = Input::preface;
  bool preface_sent_ = false;
  Refusal refusal_;
  RefusedBy refused_by_ = RefusedBy::us;
};

/// The end that opened the connection.
class DialerHandshake final : public Handshake {
 public:
  struct Request {
    std::string name;  ///< of the node wanted
    std::uint32_t from_loop = 0;
    std::uint32_t to_loop = 0;
    std::uint32_t loops = 1;
  };
  DialerHandshake(const Self& self, const Limits& limits, Request request, const Network::Nonce& nonce);

 private:
  void on_frame(const Frame& frame) override;
  void on_challenge(std::span<const std::byte> payload);
  void on_welcome(std::span<const std::byte> payload);

  Request request_;
  enum class Awaited : std::uint8_t { challenge, welcome } awaited_ = Awaited::challenge;
};

/// The end that was connected to.
class AcceptorHandshake final : public Handshake {
 public:
  /// Called last, when every other check has passed; a refusal ends the handshake.
  using Admit = std::function<std::optional<Refusal>(const Identity&)>;
  AcceptorHandshake(const Self& self, const Limits& limits, std::uint32_t loops, Proximity proximity,
                    const Network::Nonce& nonce, Admit admit);

 private:
  void on_preface() override { send_preface(); }
  void on_frame(const Frame& frame) override;
  void on_hello(std::span<const std::byte> payload);
  void on_proof(std::span<const std::byte> payload);
  std::optional<Refusal> check(const Hello& hello) const;

  const std::uint32_t loops_;
  const Proximity proximity_;
  const Network::Nonce nonce_;
  const Admit admit_;
  std::uint32_t to_loop_ = 0;
  enum class Awaited : std::uint8_t { hello, proof } awaited_ = Awaited::hello;
};

}  // namespace troupe::transport::detail
