#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <troupe/transport/limits.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::transport::detail {

/// Detects a lost peer by the heartbeats of one link. A peer of which nothing is received counts as alive while its
/// machine acknowledges what it is sent: its process may be busy, or stopped (decision 0015).
class FailureDetector {
 public:
  FailureDetector(const Limits& limits, Instant now) : limits_(limits), due_(now + limits.heartbeat) {}

  void on_received() { heard_ = true; }
  void on_sent() { spoke_ = true; }
  void on_pong(std::uint64_t number, Instant now);

  /// When the next beat is due.
  Instant due() const { return due_; }
  /// One beat; the channel is asked about a peer that is silent. A text: the peer is gone, or as good as gone.
  std::optional<std::string> beat(Instant now, Channel& channel);
  /// The ping that is due with this beat, if one is.
  std::optional<std::uint64_t> ping(Instant now);

  /// Whether nothing is heard though by now something should have been; `begins`: as of this beat.
  bool is_silent() const { return silent_beats_ >= limits_.silent_heartbeats; }
  bool silence_begins() const { return !late_ && silent_beats_ == limits_.silent_heartbeats; }
  std::chrono::milliseconds silence() const { return limits_.heartbeat * silent_beats_; }
  std::optional<std::chrono::microseconds> round_trip() const { return round_trip_; }

 private:
  const Limits& limits_;
  Instant due_;
  bool late_ = false;          ///< the last beat was
  unsigned silent_beats_ = 0;  ///< in a row
  bool heard_ = false;
  bool spoke_ = false;
  std::uint64_t ping_number_ = 0;
  std::optional<Instant> pinged_;
  std::optional<std::chrono::microseconds> round_trip_;
};

}  // namespace troupe::transport::detail
