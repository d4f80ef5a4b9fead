#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <troupe/transport/detail/handshake.hpp>
#include <troupe/transport/detail/inbound.hpp>
#include <troupe/transport/identity.hpp>
#include <troupe/transport/limits.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::transport::detail {

/// What both ends agreed on.
struct Agreement {
  Remote remote;
  std::uint32_t own_loop = 0;   ///< that reads this link at this end
  std::uint32_t window = 0;     ///< our first credit
  std::uint32_t max_frame = 0;  ///< the largest that the peer takes
};

/// One end of a handshake, as a pure algorithm: octets in, octets out, and at last an agreement or a refusal.
class Greeting {
 public:
  enum class State : std::uint8_t { under_way, agreed, refused };

  virtual ~Greeting() = default;
  Greeting(const Greeting&) = delete;
  Greeting& operator=(const Greeting&) = delete;

  std::span<std::byte> space() { return inbound_.space(); }
  /// Reads what has come; afterwards output() may have grown.
  State received(std::size_t octets);
  /// Ends it from this side: the peer hears why.
  void refuse(Refusal refusal);

  State state() const { return state_; }
  /// To be sent; also after a refusal.
  Bytes take_output() { return std::exchange(output_, {}); }
  /// The name that the peer gave, however false; empty before it gave one.
  const std::string& peer_name() const { return peer_name_; }
  /// When refused: why, and who refused.
  const Refusal& refusal() const { return refusal_; }
  enum class RefusedBy : std::uint8_t { us, peer };
  RefusedBy refused_by() const { return refused_by_; }
  /// When agreed.
  const Agreement& agreement() const { return agreement_; }
  /// What came along with the peer's last word: the first frames of the link.
  std::span<const std::byte> rest() const { return inbound_.octets(); }

 protected:
  Greeting(const Self& self, const Limits& limits) : self_(self), limits_(limits) {}

  /// A whole frame, not a refusal.
  virtual void on_frame(const Frame& frame) = 0;
  virtual void on_preface() {}

  void send(FrameType type, std::span<const std::byte> payload) { append_frame(output_, {type, 0, 0, payload}); }
  void send_preface();
  void send_terms(FrameType type, Side side, std::uint32_t loop);
  /// Checks the octets of a proof or welcome; empty, and refused, where they do not hold.
  std::optional<Terms> check_terms(Side side, std::span<const std::byte> payload);
  void agree(const Terms& terms, std::uint32_t own_loop);
  void malformed(const std::string& what) { refuse({RefusalReason::malformed, what}); }

  const Self& self_;
  const Limits& limits_;
  Bytes hello_;
  Bytes challenge_;
  std::string peer_name_;
  Agreement agreement_;

 private:
  bool step();

  Inbound inbound_;
  Bytes output_;
  State state_ = State::under_way;
  bool preface_sent_ = false;
  bool preface_read_ = false;
  Refusal refusal_;
  RefusedBy refused_by_ = RefusedBy::us;
};

/// The end that opened the connection.
class DialerGreeting final : public Greeting {
 public:
  struct Wish {
    std::string name;  ///< of the node wanted
    std::uint32_t from_loop = 0;
    std::uint32_t to_loop = 0;
    std::uint32_t loops = 1;
  };
  DialerGreeting(const Self& self, const Limits& limits, Wish wish, const Network::Nonce& nonce);

 private:
  void on_frame(const Frame& frame) override;
  void on_challenge(std::span<const std::byte> payload);
  void on_welcome(std::span<const std::byte> payload);

  Wish wish_;
  bool challenged_ = false;
};

/// The end that was connected to.
class AcceptorGreeting final : public Greeting {
 public:
  /// Asked last, once all else is well; a refusal keeps the peer out.
  using Admit = std::function<std::optional<Refusal>(const Identity&)>;
  AcceptorGreeting(const Self& self, const Limits& limits, std::uint32_t loops, Reach reach,
                   const Network::Nonce& nonce, Admit admit);

 private:
  void on_preface() override { send_preface(); }
  void on_frame(const Frame& frame) override;
  void on_hello(std::span<const std::byte> payload);
  void on_proof(std::span<const std::byte> payload);
  std::optional<Refusal> check(const Hello& hello) const;

  const std::uint32_t loops_;
  const Reach reach_;
  const Network::Nonce nonce_;
  const Admit admit_;
  std::uint32_t to_loop_ = 0;
  bool greeted_ = false;
};

}  // namespace troupe::transport::detail
