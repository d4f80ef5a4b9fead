#include <troupe/wire/utf8.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace troupe::wire {
namespace {

struct Sequence {
  std::size_t size = 0;  // 0: no sequence starts like this
  unsigned char second_least = 0x80;
  unsigned char second_most = 0xbf;
};

Sequence sequence_of(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return {2};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {3};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {4};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {};
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t skip_ascii(std::string_view text, std::size_t at) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text[at]));
    if (sequence.size == 0 || at + sequence.size > text.size()) return false;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (second < sequence.second_least || second > sequence.second_most) return false;
    for (std::size_t i = 2; i < sequence.size; ++i)
      if (!is_continuation(text[at + i])) return false;
    at += sequence.size;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_continuation));
}

}  // namespace troupe::wire
