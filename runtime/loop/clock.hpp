#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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

/// Random numbers of one loop, by who gets to see them: from those of one kind nothing can be told of another.
/// Threads: one at a time.
class Chance {
 public:
  virtual ~Chance() = default;
  /// For waits and choices, which nobody is told: quick, and foreseeable for whoever has seen some hundred.
  virtual std::uint64_t choice() = 0;
  /// For identities, of entities and of operations: none can be guessed from others.
  virtual std::uint64_t identity() = 0;
  /// For what any stranger is shown, the ids of requests and traces.
  virtual std::uint64_t shown() = 0;
};

/// Identities and what is shown come from the kernel's cryptographic generator, by a stream each.
std::unique_ptr<Chance> system_chance();

/// All kinds from one generator, the same for the same seed: for simulations.
std::unique_ptr<Chance> seeded_chance(std::uint64_t seed);

/// A seed from the system's entropy.
std::uint64_t system_entropy();

/// Bytes that nobody can guess, from the system. Errors: throws std::system_error.
std::vector<std::byte> system_secret(std::size_t size);

}  // namespace troupe::loop
