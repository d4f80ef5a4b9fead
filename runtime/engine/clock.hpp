#pragma once

#include <cstdint>

#include "runtime/actor/envelope.hpp"
#include "runtime/wire/time.hpp"

namespace troupe::engine {

/// The two times there are: one for deadlines, one for people. The system's, or a simulation's.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant monotonic() const = 0;
  virtual Time wall() const = 0;
};

/// The system's clocks. Threads: any.
const Clock& system_clock();

/// A seed from the system's entropy, for the loops' generators and for secrets' first bytes.
std::uint64_t system_entropy();

}  // namespace troupe::engine
