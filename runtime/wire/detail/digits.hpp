#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::wire::detail {

inline constexpr std::uint8_t no_digit = 0xff;

/// The value of each character that is a digit of `alphabet`, no_digit for all others.
constexpr std::array<std::uint8_t, 256> digit_values(std::string_view alphabet) {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

}  // namespace troupe::wire::detail
