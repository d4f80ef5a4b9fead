#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::transport {

/// What a frame is. The numbers are the wire's: docs/wire.md.
enum class FrameType : std::uint8_t {
  hello = 1,
  challenge = 2,
  proof = 3,
  welcome = 4,
  refuse = 5,

  ask = 16,      ///< wants exactly one reply or failure with its request id
  reply = 17,    ///< the answer to an ask
  failure = 18,  ///< the answer to an ask that went wrong
  cancel = 19,   ///< nobody waits for the answer to an ask any more; it may still come
  schema = 20,   ///< how its sender knows a protocol of which the two ends have different fingerprints
  probe = 21,    ///< goes after an ask of its sender, whose request id it has; only to who takes it

  credit = 32,
  ping = 33,
  pong = 34,
  goodbye = 35
};

/// The frames that the layer above sends and receives. Asks use up credit.
constexpr bool is_data(FrameType type) { return type >= FrameType::ask && type <= FrameType::probe; }

/// An ask without a deadline waits as long as it takes.
inline constexpr Instant no_deadline = Instant::max();

/// One frame, to be sent or as it was received.
///
/// Lifetime: the payload is the sender's until send() returns, and the receiver's until on_frame() returns.
struct Frame {
  FrameType type = FrameType::ask;
  std::uint8_t flags = 0;  ///< of a data frame: the layer above gives them their meaning
  std::uint64_t request = 0;
  std::span<const std::byte> payload = {};
  /// Of an ask: until when its sender waits, by the clock of this end. What is left of it is what travels.
  Instant deadline = no_deadline;
};

inline constexpr std::size_t frame_header_size = 16;
/// Octets of an ask ahead of its payload: the milliseconds that are left.
inline constexpr std::size_t patience_size = 4;
constexpr std::size_t head_size(FrameType type) {
  return type == FrameType::ask ? frame_header_size + patience_size : frame_header_size;
}
/// On the wire.
constexpr std::size_t size_of(const Frame& frame) { return head_size(frame.type) + frame.payload.size(); }

/// Flag of a goodbye: no ask of its sender follows it. Without it, it asks the peer to begin none.
inline constexpr std::uint8_t goodbye_last = 1;

/// `now` is what the deadline of an ask is counted from.
void append_frame(Bytes& out, const Frame& frame, Instant now = {});
/// Writes into the octets of a whole ask what is left until its deadline.
void set_patience(std::span<std::byte> ask, Instant deadline, Instant now);

enum class FrameFault : std::uint8_t {
  none,
  unknown_type,
  too_large,
  reserved_not_zero,
  unexpected_payload,
  bad_flags,
  no_patience
};
const char* to_text(FrameFault fault);

/// What the octets at hand begin with.
struct FrameStep {
  enum class State : std::uint8_t { partial, complete, refused };
  State state = State::partial;
  FrameFault fault = FrameFault::none;
  Frame frame;              ///< when complete; its payload lies in the octets
  std::size_t size = 0;     ///< when complete: of the whole frame
  std::size_t missing = 0;  ///< when partial: at least so many octets are to come
};

/// Reads the frame at the front. Whatever a header announces, nothing is allocated for it. The limit counts the
/// patience of an ask as well.
FrameStep read_frame(std::span<const std::byte> octets, std::size_t max_payload, Instant now = {});

}  // namespace troupe::transport
