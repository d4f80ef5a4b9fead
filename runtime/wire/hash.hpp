#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::wire {

/// The same number for the same octets in every process, on every machine, in every version: fit for storage, placement
/// and comparison between nodes; not against someone who picks the octets.
/// Source: XXH3, 64 bits, no seed (its output is fixed since xxHash 0.8.0).
std::uint64_t stable_hash(std::string_view octets);

}  // namespace troupe::wire
