#pragma once

#include <chrono>
#include <cstddef>

namespace troupe::http {

/// What one HTTP server lets its clients use: memory, connections and time.
///
/// Times are kept by one coarse timer a loop, so a limit may be overrun by a quarter of it, at most by half a second.
struct Limits {
  std::size_t header_bytes = 16 * 1024;  ///< request line and fields; more is 431
  std::size_t body_bytes = 1024 * 1024;  ///< kept of a body; more is read, dropped and told to the service
  std::size_t total_body_bytes =
      256 * 1024 * 1024;  ///< of all bodies that arrive or wait for their answer; more is 503
  /// Dropped of a too large body before the answer; a longer one is answered at once, and dropped after that.
  std::size_t discard_bytes = 16 * 1024 * 1024;
  std::size_t connections = 4096;         ///< open at once, over all loops; one more is 503
  std::size_t pipelined = 16;             ///< requests of one connection that wait for their answer
  std::size_t unsent_bytes = 256 * 1024;  ///< answers that the client has not taken; beyond, its requests wait

  std::chrono::milliseconds header_time{10'000};  ///< from the first byte of a request to the end of its header
  std::chrono::milliseconds body_time{30'000};    ///< from there to the end of its body
  std::chrono::milliseconds idle_time{60'000};    ///< between requests
  std::chrono::milliseconds write_time{30'000};   ///< for the client to take what is being sent
  std::chrono::milliseconds linger_time{2'000};   ///< for the client to close or send more, within body_time
  /// The same while the server drains: a client that sends nothing for so long has heard its answer, or has none to ask
  /// for.
  std::chrono::milliseconds drain_linger_time{100};
  /// How long a server that drains goes on to accept those who had begun to connect.
  std::chrono::milliseconds drain_accept_time{100};
};

}  // namespace troupe::http
