#pragma once

#include <chrono>

#include <troupe/wire/id.hpp>
#include <troupe/wire/time.hpp>

/// How long operations are remembered. When one was made stands in its id.
namespace troupe {

/// An operation that is repeated later than this, and is not found, may have been done and forgotten since.
inline constexpr Duration operations_remembered = std::chrono::hours(24 * 30);
/// Stores remember them longer by this, for the clocks of nodes differ.
inline constexpr Duration operations_kept_beyond = std::chrono::hours(24);

constexpr bool may_be_forgotten(Uuid operation, Time now) {
  const Time made{Duration(static_cast<Duration::rep>(operation.high >> 16))};
  return made + operations_remembered <= now;
}

/// Operations with a lesser id need no longer be kept; nil: all need.
constexpr Uuid least_kept(Time now) {
  const Duration since = (now - operations_remembered - operations_kept_beyond).time_since_epoch();
  if (since.count() <= 0) return {};
  return {.high = static_cast<std::uint64_t>(since.count()) << 16, .low = 0};
}

}  // namespace troupe
