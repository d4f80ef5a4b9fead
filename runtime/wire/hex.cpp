#include <troupe/wire/hex.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe {
namespace {

constexpr auto digits_of_octet = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t octet = 0; octet < table.size(); ++octet) table[octet] = {digits[octet >> 4], digits[octet & 15]};
  return table;
}();

}  // namespace

void append_hex(std::string& out, std::span<const std::uint8_t> octets) {
  std::size_t at = out.size();
  out.resize(at + 2 * octets.size());
  for (const std::uint8_t octet : octets) {
    std::copy_n(digits_of_octet[octet].begin(), 2, out.begin() + static_cast<std::ptrdiff_t>(at));
    at += 2;
  }
}

}  // namespace troupe
