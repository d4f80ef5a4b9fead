#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Numbers in octets, the most significant first, as identities and frames have them.
namespace troupe::wire {

constexpr std::uint32_t swap_on_little(std::uint32_t value) {
  return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}
constexpr std::uint64_t swap_on_little(std::uint64_t value) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

inline void store_big_u32(std::byte* out, std::uint32_t value) {
  value = swap_on_little(value);
  std::memcpy(out, &value, sizeof value);
}
inline void store_big_u64(std::byte* out, std::uint64_t value) {
  value = swap_on_little(value);
  std::memcpy(out, &value, sizeof value);
}
inline std::uint32_t load_big_u32(const std::byte* in) {
  std::uint32_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return swap_on_little(value);
}
inline std::uint64_t load_big_u64(const std::byte* in) {
  std::uint64_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return swap_on_little(value);
}

}  // namespace troupe::wire
