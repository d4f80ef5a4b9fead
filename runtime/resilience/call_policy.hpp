#pragma once

#include <cstdint>
#include <optional>

#include <troupe/resilience/breaker.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::resilience {

/// What holds for the calls of one edge, caller protocol to callee protocol, wherever the two live.
struct CallPolicy {
  std::optional<Duration> timeout{};  ///< of one attempt; nothing: only the caller's own deadline
  std::uint32_t attempts = 3;         ///< of one call, the first included; 1: nothing is repeated
  std::uint32_t budget_percent = 20;
  std::optional<BreakerOptions> breaker{};
};

}  // namespace troupe::resilience
