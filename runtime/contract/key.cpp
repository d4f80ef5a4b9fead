#include <troupe/contract/key.hpp>

#include <array>
#include <cstring>
#include <stdexcept>

#include <troupe/wire/hash.hpp>

namespace troupe {

namespace {

constexpr char id_tag = 1;
constexpr char text_tag = 2;

/// The part in the first pair of braces, or the whole text when there is none.
std::string_view deciding_part(std::string_view text) {
  const auto open = text.find('{');
  if (open == std::string_view::npos) return text;
  const auto close = text.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return text;
  return text.substr(open + 1, close - open - 1);
}

}  // namespace

Key::Key(std::string_view text) {
  if (text.empty() || text.size() > max_text_bytes) {
    throw std::length_error("an entity's key has " + std::to_string(text.size()) + " bytes; 1 to 300 are allowed");
  }
  text_ = std::make_shared<const std::string>(text);
}

std::string Key::to_bytes() const {
  std::string out;
  if (text_) {
    out.reserve(1 + text_->size());
    out.push_back(text_tag);
    out.append(*text_);
    return out;
  }
  const auto bytes = troupe::to_bytes(id_);
  out.resize(1 + bytes.size());
  out[0] = id_tag;
  std::memcpy(out.data() + 1, bytes.data(), bytes.size());
  return out;
}

std::optional<Key> Key::from_bytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto body = bytes.subspan(1);
  if (bytes[0] == std::byte{id_tag}) {
    std::array<std::byte, 16> id;
    if (body.size() != id.size()) return std::nullopt;
    std::memcpy(id.data(), body.data(), body.size());
    return Key(uuid_from_bytes(id));
  }
  if (bytes[0] != std::byte{text_tag} || body.empty() || body.size() > max_text_bytes) return std::nullopt;
  return Key(std::string_view(reinterpret_cast<const char*>(body.data()), body.size()));
}

std::string Key::to_string() const { return text_ ? *text_ : to_text(id_); }

std::uint64_t Key::shard_hash() const {
  if (!text_) {
    const auto bytes = troupe::to_bytes(id_);
    return wire::stable_hash({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  return wire::stable_hash(deciding_part(*text_));
}

std::strong_ordering operator<=>(const Key& a, const Key& b) {
  if (a.is_text() != b.is_text()) return a.is_text() ? std::strong_ordering::greater : std::strong_ordering::less;
  if (!a.is_text()) return a.id_ <=> b.id_;
  return a.text().compare(b.text()) <=> 0;
}

}  // namespace troupe
