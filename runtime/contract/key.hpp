#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <troupe/wire/id.hpp>

namespace troupe {

/// Which entity of a protocol: a 16-byte time-ordered id, or text.
///
/// Both fit in 32 bytes; an id needs no allocation. Keys are ordered ids first, then text, both bytewise: the order of
/// their bytes at rest.
/// Units: text is 1 to 300 bytes; a part in braces decides the shard (`{u-7}/x`).
class Key {
 public:
  static constexpr std::size_t max_text_bytes = 300;

  Key() = default;
  Key(Uuid id) : id_(id) {}  // NOLINT(google-explicit-constructor): every id is a key
  template <FixedString Tag, class Api>
  Key(Id<Tag, Api> id) : id_(id.value) {}  // NOLINT(google-explicit-constructor)
  /// Errors: throws std::length_error when the text is empty or longer than max_text_bytes.
  explicit Key(std::string_view text);

  bool is_text() const { return text_ != nullptr; }
  Uuid id() const { return id_; }
  std::string_view text() const { return text_ ? std::string_view(*text_) : std::string_view(); }

  /// The bytes at rest and on the wire: a tag (1: id, 2: text), then the id or the text.
  std::string to_bytes() const;
  static std::optional<Key> from_bytes(std::span<const std::byte> bytes);
  /// For people: the id's text form, or the text itself.
  std::string to_string() const;

  /// Stable across processes and versions (`hash = 1` of the topology): wire::stable_hash of what decides the shard.
  std::uint64_t shard_hash() const;

  friend bool operator==(const Key& a, const Key& b) {
    return a.id_ == b.id_ && (a.text_ == b.text_ || (a.text_ && b.text_ && *a.text_ == *b.text_));
  }
  friend std::strong_ordering operator<=>(const Key& a, const Key& b);

 private:
  Uuid id_{};
  std::shared_ptr<const std::string> text_;
};

}  // namespace troupe
