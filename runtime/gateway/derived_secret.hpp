#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::gateway {

/// A key for one purpose out of a secret that serves for several: the same wherever both are the same. It tells nothing
/// of the secret nor of the keys for other purposes, as long as the secret is too long to be guessed.
///
/// Source: HKDF-SHA256, RFC 5869, without salt; its `info` is `troupe PURPOSE`.
std::array<std::uint8_t, 32> derived_secret(std::string_view secret, std::string_view purpose);

}  // namespace troupe::gateway
