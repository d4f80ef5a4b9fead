#pragma once

#include <algorithm>
#include <cstdint>

#include <troupe/wire/time.hpp>

namespace troupe::resilience {

/// How long to wait before something is tried again: up to a bound that doubles with each repetition.
///
/// The wait is drawn, so that callers that failed together come back apart. With a `first` of 0 nobody waits.
/// Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog (2015).
struct Backoff {
  enum class Jitter : std::uint8_t {
    full,   ///< anything up to the bound: for calls that somebody waits for
    equal,  ///< from half of the bound to all of it: for what is tried until it succeeds
  };

  Duration first{10};
  Duration longest{1000};
  Jitter jitter = Jitter::full;

  /// The longest that repetition `number` (from 1) may wait.
  constexpr Duration bound(unsigned number) const {
    if (first <= Duration(0)) return Duration(0);
    // The doublings stop where they would leave the type; `longest` ends them sooner.
    const unsigned doublings = std::min(number > 0 ? number - 1 : 0U, 30U);
    if (first >= longest || longest.count() / first.count() < (Duration::rep{1} << doublings)) return longest;
    return first * (Duration::rep{1} << doublings);
  }

  /// The wait before repetition `number`, chosen by 64 random bits.
  constexpr Duration wait(unsigned number, std::uint64_t random) const {
    const Duration least = jitter == Jitter::equal ? bound(number) / 2 : Duration(0);
    const auto drawn = static_cast<std::uint64_t>((bound(number) - least).count());
    return least + Duration(static_cast<Duration::rep>(random % (drawn + 1)));
  }
};

}  // namespace troupe::resilience
