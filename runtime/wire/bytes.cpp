#include <troupe/wire/bytes.hpp>

#include <cstdint>

#include <troupe/wire/detail/digits.hpp>

namespace troupe {
namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr auto base64_values = wire::detail::digit_values(base64_alphabet);

}  // namespace

void append_base64url(std::string& out, const Bytes& bytes) {
  out.reserve(out.size() + (bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (std::byte b : bytes) {
    bits = (bits << 8) | std::to_integer<std::uint32_t>(b);
    for (held += 8; held >= 6; held -= 6) out += base64_alphabet[(bits >> (held - 6)) & 63];
  }
  if (held > 0) out += base64_alphabet[(bits << (6 - held)) & 63];
}

std::string to_base64url(const Bytes& bytes) {
  std::string text;
  append_base64url(text, bytes);
  return text;
}

std::optional<Bytes> parse_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    const std::uint8_t value = base64_values[static_cast<unsigned char>(c)];
    if (value == wire::detail::no_digit) return std::nullopt;
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<std::byte>((bits >> held) & 0xff));
  }
  if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace troupe
