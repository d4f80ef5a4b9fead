#include <troupe/wire/hash.hpp>

#include <xxhash.h>

namespace troupe::wire {

std::uint64_t stable_hash(std::string_view octets) { return XXH3_64bits(octets.data(), octets.size()); }

}  // namespace troupe::wire
