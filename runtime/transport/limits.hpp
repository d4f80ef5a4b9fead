#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <troupe/resilience/backoff.hpp>

namespace troupe::transport {

/// The bounds of a node's links. Units: bytes; those of frames count payloads only.
struct Limits {
  std::uint32_t frame = 4 << 20;   ///< the largest that is received; a peer that sends a larger one is cut
  std::uint32_t window = 1 << 20;  ///< credit that a peer starts with: of its asks that are under way on one link
  std::size_t queued = 8 << 20;    ///< what waits on one link for credit or for the socket; replies may take twice that
  std::size_t outstanding = 100'000;  ///< asks without an answer on one link

  std::chrono::milliseconds heartbeat{1000};  ///< a link that has sent nothing for so long sends a ping
  unsigned silent_heartbeats = 5;  ///< half-open is a link that has heard nothing for so many, nor been acknowledged
  std::chrono::milliseconds stuck_after{60'000};  ///< closes a link that is acknowledged, and hears nothing
  std::chrono::milliseconds connect{3000};
  std::chrono::milliseconds handshake{5000};

  std::size_t handshakes = 64;             ///< connections that have not yet proved who they are
  std::size_t handshake_frame = 64 << 10;  ///< the largest frame from someone who has not
  std::size_t connections = 4096;          ///< accepted links of a node, together
  std::size_t connections_per_peer = 64;   ///< that this node opens

  resilience::Backoff reconnect{Duration(50), Duration(5000), resilience::Backoff::Jitter::equal};
};

}  // namespace troupe::transport
