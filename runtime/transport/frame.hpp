#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/wire/bytes.hpp"

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

  credit = 32,
  ping = 33,
  pong = 34,
  goodbye = 35
};

/// The frames that the layer above sends and receives; they use up credit.
constexpr bool is_data(FrameType type) { return type >= FrameType::ask && type <= FrameType::cancel; }

/// One frame, to be sent or as it was received.
///
/// Lifetime: the payload is the sender's until send() returns, and the receiver's until on_frame() returns.
struct Frame {
  FrameType type = FrameType::ask;
  std::uint8_t flags = 0;  ///< of a data frame: the layer above gives them their meaning
  std::uint64_t request = 0;
  std::span<const std::byte> payload = {};
};

inline constexpr std::size_t frame_header_size = 16;
constexpr std::size_t size_of(const Frame& frame) { return frame_header_size + frame.payload.size(); }

/// Flag of a goodbye: no ask of its sender follows it. Without it, it asks the peer to begin none.
inline constexpr std::uint8_t goodbye_last = 1;

void append_frame(Bytes& out, const Frame& frame);

enum class FrameFault : std::uint8_t {
  none,
  unknown_type,
  too_large,
  reserved_not_zero,
  unexpected_payload,
  bad_flags
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

/// Reads the frame at the front. Whatever a header announces, nothing is allocated for it.
FrameStep read_frame(std::span<const std::byte> octets, std::size_t max_payload);

}  // namespace troupe::transport
