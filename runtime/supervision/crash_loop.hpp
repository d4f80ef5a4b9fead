#pragma once

#include <cstdint>
#include <deque>

#include <troupe/resilience/backoff.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::supervision {

/// Looping after `crashes` crashes within `within`; then one try after each wait of `backoff`.
struct CrashLoopLimits {
  std::uint32_t crashes = 5;
  Duration within = std::chrono::seconds(10);
  resilience::Backoff backoff{std::chrono::seconds(1), std::chrono::seconds(30), resilience::Backoff::Jitter::equal};
};

/// Tells an entity that crashes now and then from one that does little else, and keeps messages away from the latter.
/// It stands where a worker has its restart intensity: entities never escalate by their crashes, for whoever may send
/// them messages could end the node with it.
///
/// ```
/// calm    -> looping   as many crashes as the limit within its time
/// looping -> trying    the wait is over and a message comes: it is let through, alone
/// trying  -> calm      it was handled
/// trying  -> looping   it crashed: the next wait is longer. Or its end was never told: another one may pass
/// ```
/// Source: the half-open circuit breaker (Nygard, "Release It!", 2007); the name is Kubernetes' CrashLoopBackOff.
class CrashLoop {
 public:
  enum class Phase : std::uint8_t { calm, looping, trying };

  /// `random`: 64 bits that choose the wait. Returns the phase that this leads to.
  Phase crashed(const CrashLoopLimits& limits, Instant now, std::uint64_t random);
  /// Whether a message may pass now. One that does while it loops is the try.
  bool admits(Instant now);
  /// A message was handled without a crash.
  void handled();

  Phase phase() const { return phase_; }
  /// When the next try may pass; while it is not calm.
  Instant next_try() const { return next_try_; }

 private:
  Phase phase_ = Phase::calm;
  std::uint32_t waits_ = 0;      ///< since it was calm
  std::deque<Instant> crashes_;  ///< the latest, oldest first, while calm
  Duration last_wait_{};
  Instant next_try_{};
};

}  // namespace troupe::supervision
