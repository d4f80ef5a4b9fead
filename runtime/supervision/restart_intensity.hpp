#pragma once

#include <cstdint>
#include <deque>

#include <troupe/wire/time.hpp>

namespace troupe::supervision {

/// Counts a supervisor's restarts, as OTP does: one is added first, then those within [now - period, now], both ends
/// included, are compared with what is borne.
///
/// Units: whole milliseconds of the monotonic clock, rounded down. OTP counts whole seconds.
class RestartIntensity {
 public:
  /// Counts a restart now; false: they are more than `intensity` within the period.
  bool add(Instant now, std::int64_t intensity, Duration period);

 private:
  std::deque<Duration> restarts_;  ///< within the period, oldest first: at most one more than is borne
};

}  // namespace troupe::supervision
