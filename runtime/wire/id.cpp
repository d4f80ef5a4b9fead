#include <troupe/wire/id.hpp>

#include <algorithm>

#include <troupe/wire/big_endian.hpp>
#include <troupe/wire/detail/digits.hpp>

namespace troupe {
namespace {

constexpr std::string_view base32_alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr auto base32_values = wire::detail::digit_values(base32_alphabet);

constexpr std::uint64_t version_7 = 0x7000;
constexpr std::uint64_t variant_bits = std::uint64_t{2} << 62;
constexpr std::uint64_t random_mask = (std::uint64_t{1} << 62) - 1;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << 48) - 1;
constexpr std::uint16_t last_counter = 0xfff;

}  // namespace

void append_text(std::string& out, Uuid uuid) {
  std::array<char, uuid_text_size> text{};
  for (std::size_t i = text.size(); i-- > 0;) {
    text[i] = base32_alphabet[uuid.low & 31];
    uuid.low = (uuid.low >> 5) | (uuid.high << 59);
    uuid.high >>= 5;
  }
  out.append(text.data(), text.size());
}

std::string to_text(Uuid uuid) {
  std::string text;
  append_text(text, uuid);
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  // 26 digits carry 130 bits: the first one holds only three.
  if (text.size() != uuid_text_size || text.front() > '7') return std::nullopt;
  Uuid uuid;
  for (char c : text) {
    const std::uint8_t value = base32_values[static_cast<unsigned char>(c)];
    if (value == wire::detail::no_digit) return std::nullopt;
    uuid.high = (uuid.high << 5) | (uuid.low >> 59);
    uuid.low = (uuid.low << 5) | value;
  }
  return uuid;
}

std::array<std::byte, 16> to_bytes(Uuid uuid) {
  std::array<std::byte, 16> bytes{};
  wire::store_big_u64(bytes.data(), uuid.high);
  wire::store_big_u64(bytes.data() + 8, uuid.low);
  return bytes;
}

Uuid uuid_from_bytes(const std::array<std::byte, 16>& bytes) {
  return {wire::load_big_u64(bytes.data()), wire::load_big_u64(bytes.data() + 8)};
}

Uuid make_uuid(Time time, std::uint16_t counter, std::uint64_t random) {
  const std::uint64_t milliseconds = static_cast<std::uint64_t>(time.time_since_epoch().count()) & time_mask;
  return {.high = (milliseconds << 16) | version_7 | (counter & last_counter),
          .low = variant_bits | (random & random_mask)};
}

Uuid UuidSequence::next(Time now, std::uint64_t random) {
  if (now > last_) {
    last_ = now;
    counter_ = 0;
  } else if (counter_ < last_counter) {
    ++counter_;
  } else {
    last_ += Duration{1};  // borrowed from the next millisecond
    counter_ = 0;
  }
  return make_uuid(last_, counter_, random);
}

}  // namespace troupe
