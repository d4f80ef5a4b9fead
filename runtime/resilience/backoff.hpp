#pragma once

#include <algorithm>
#include <cstdint>

#include <troupe/wire/time.hpp>

namespace troupe::resilience {

/// How long to wait before a call is repeated: anything up to a bound that doubles with each repetition.
///
/// The whole wait is drawn, not only a part of it: callers that failed together come back apart.
/// Source: "full jitter" of Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog (2015).
struct Backoff {
  Duration first{10};
  Duration longest{1000};

  /// The longest that repetition `number` (from 1) may wait.
  constexpr Duration bound(unsigned number) const {
    // The doublings stop where they would leave the type; `longest` ends them sooner.
    const unsigned doublings = std::min(number > 0 ? number - 1 : 0U, 30U);
    if (first >= longest || longest.count() / first.count() < (Duration::rep{1} << doublings)) return longest;
    return first * (Duration::rep{1} << doublings);
  }

  /// The wait before repetition `number`, chosen by 64 random bits.
  constexpr Duration wait(unsigned number, std::uint64_t random) const {
    return Duration(static_cast<Duration::rep>(random % (static_cast<std::uint64_t>(bound(number).count()) + 1)));
  }
};

}  // namespace troupe::resilience
