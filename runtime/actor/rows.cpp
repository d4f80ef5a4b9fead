#include <troupe/actor/rows.hpp>

#include <cstddef>
#include <span>

#include <troupe/wire/bytes.hpp>

namespace troupe {

std::string wire::TextCodec<Cursor>::to_text(const Cursor& cursor) {
  const std::string bytes = cursor.key.to_bytes();
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return to_base64url(Bytes(first, first + bytes.size()));
}

std::optional<Cursor> wire::TextCodec<Cursor>::from_text(std::string_view text) {
  const auto bytes = parse_base64url(text);
  if (!bytes) return std::nullopt;
  auto key = Key::from_bytes(std::span<const std::byte>(bytes->data(), bytes->size()));
  if (!key) return std::nullopt;
  return Cursor{std::move(*key)};
}

namespace detail {

void refuse_row(const Key& key, std::string_view type, std::string_view why) {
  throw std::runtime_error("the stored " + std::string(type) + " of " + key.to_string() +
                           " can't be read: " + std::string(why));
}

std::string describe(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += "; ";
    text += fault.pointer + " " + fault.detail;
  }
  return text;
}

}  // namespace detail
}  // namespace troupe
