#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

#include <troupe/wire/time.hpp>

namespace troupe::resilience {

/// Opens after `failures` failures within `within`, and stays open for `open`.
struct BreakerOptions {
  std::uint32_t failures = 5;
  Duration within = std::chrono::seconds(10);
  Duration open = std::chrono::seconds(5);
};

/// Keeps calls away from a callee that does not answer: closed, calls pass; open, none does; half open, one probe at a
/// time does, and its end closes the breaker or opens it again.
///
/// ```
/// const auto permit = breaker.admit(now);
/// if (permit == Breaker::Permit::refused) …            // else call, and tell how it went:
/// if (breaker.failed(permit, later) == Breaker::Change::opened) …
/// ```
/// What is a failure is the caller's to say. A probe whose end is never told is replaced after `open`.
/// Threads: any. While it is closed, admit() is one relaxed load, and a success need not be told.
/// Source: Nygard, "Release It!" (2007), the circuit breaker.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  enum class Permit : std::uint8_t { refused, call, probe };
  enum class Change : std::uint8_t { none, opened, closed };

  explicit Breaker(BreakerOptions options) : options_(options) {}

  Permit admit(Instant now) {
    if (state_.load(std::memory_order_relaxed) == State::closed) [[likely]]
      return Permit::call;
    return admit_probe(now);
  }
  Change succeeded(Permit permit);
  Change failed(Permit permit, Instant now);

  State state() const { return state_.load(std::memory_order_relaxed); }
  /// When the next probe may pass; of an open one.
  Instant next_probe() const;

 private:
  Permit admit_probe(Instant now);
  void go(State state) { state_.store(state, std::memory_order_relaxed); }

  const BreakerOptions options_;
  std::atomic<State> state_{State::closed};
  mutable std::mutex mutex_;      ///< of all below, and of changes of state
  std::deque<Instant> failures_;  ///< the latest, oldest first, while closed
  Instant next_probe_{};
};

}  // namespace troupe::resilience
