#pragma once

#include <algorithm>
#include <cstdint>

#include <troupe/wire/time.hpp>

namespace troupe::resilience {

/// Bounds the calls that are repetitions to a part of all calls, so that retries never turn a fault into a storm.
///
/// A bucket of tokens: a call pays in its part of one, a repetition takes a whole one. A small reserve, refilled by
/// time, lets an edge with few calls repeat them too. Threads: one loop's; each loop has its own.
/// Source: Finagle's RetryBudget (Twitter); "Addressing Cascading Failures" in Google's Site Reliability Engineering.
class RetryBudget {
 public:
  static constexpr std::uint32_t reserve = 10;  ///< repetitions that are there at the start, and after a quiet time
  static constexpr std::uint32_t most = 100;    ///< repetitions that can be saved up
  static constexpr std::uint32_t refilled_per_second = 1;

  /// `percent` of the calls may be repetitions; 0: none may, reserve or not.
  RetryBudget(std::uint32_t percent, Instant now);

  /// A call was made.
  void deposit() { balance_ = std::min(balance_ + percent_, most * token); }
  /// Takes a repetition out; false: there is none left.
  bool withdraw(Instant now);

 private:
  /// The balance is counted in hundredths, as percents are.
  static constexpr std::uint32_t token = 100;

  void refill(Instant now);

  std::uint32_t percent_;
  std::uint32_t balance_;
  Instant refilled_;
};

}  // namespace troupe::resilience
