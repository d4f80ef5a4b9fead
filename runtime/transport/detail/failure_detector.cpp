#include <troupe/transport/detail/failure_detector.hpp>

#include <utility>

namespace troupe::transport::detail {

void FailureDetector::on_pong(std::uint64_t number, Instant now) {
  if (number != ping_number_ || !pinged_) return;
  round_trip_ = std::chrono::duration_cast<std::chrono::microseconds>(now - *pinged_);
  pinged_.reset();
}

std::optional<std::string> FailureDetector::beat(Instant now, Channel& channel) {
  // This loop was held up: it has neither read nor pinged, so this beat does not count against the peer.
  late_ = now > due_ + limits_.heartbeat;
  due_ = now + limits_.heartbeat;
  if (std::exchange(heard_, false)) {
    silent_beats_ = 0;
  } else if (!late_) {
    ++silent_beats_;
  }
  if (!is_silent() || late_) return std::nullopt;
  const std::string silence = "nothing was heard for " + std::to_string(silent_beats_) + " heartbeats";
  // A ping goes out with each beat in which nothing else was sent, so there is something to acknowledge.
  if (channel.unacknowledged() >= limits_.heartbeat * limits_.silent_heartbeats) {
    return "half-open: " + silence + ", nor was anything acknowledged";
  }
  if (this->silence() < limits_.stuck_after) return std::nullopt;
  return "the peer hangs: " + silence + ", though its machine acknowledges";
}

std::optional<std::uint64_t> FailureDetector::ping(Instant now) {
  if (std::exchange(spoke_, false)) return std::nullopt;
  pinged_ = now;
  return ++ping_number_;
}

}  // namespace troupe::transport::detail
