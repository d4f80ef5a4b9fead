#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::gateway {

/// A secret for one purpose out of one that serves for several: the same wherever both are the same.
///
/// Source: keyed BLAKE2b, RFC 7693.
std::array<std::uint8_t, 32> derived_secret(std::string_view secret, std::string_view purpose);

}  // namespace troupe::gateway
