#pragma once

#include <chrono>

namespace troupe {

/// A point of the engine's monotonic clock; in a simulation, of virtual time.
using Instant = std::chrono::steady_clock::time_point;

}  // namespace troupe
