#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <troupe/wire/time.hpp>

namespace troupe::loop {

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

/// Bytes that nobody can guess, from the system. Errors: throws std::system_error.
std::vector<std::byte> system_secret(std::size_t size);

}  // namespace troupe::loop
