#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/wire/fixed_string.hpp>
#include <troupe/wire/reflect.hpp>
#include <troupe/wire/time.hpp>

namespace troupe {

/// A 16-byte identity, ordered by the time it was made. Nil (all zero) is never issued: it names nothing.
/// Text: 26 lower-case characters of Crockford's base 32, in the same order as the values.
/// Source: RFC 9562 version 7; the text form is ULID's, in lower case.
struct Uuid {
  std::uint64_t high = 0;  // the first eight bytes, most significant first
  std::uint64_t low = 0;

  constexpr bool is_nil() const { return high == 0 && low == 0; }
  constexpr auto operator<=>(const Uuid&) const = default;
};

inline constexpr std::size_t uuid_text_size = 26;

std::string to_text(Uuid uuid);
void append_text(std::string& out, Uuid uuid);

/// Strict: each value has one text. Empty for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);

std::array<std::byte, 16> to_bytes(Uuid uuid);
Uuid uuid_from_bytes(const std::array<std::byte, 16>& bytes);

/// The identity made at `time` with 62 of the `random` bits; `counter` (12 bits) orders those of one millisecond.
Uuid make_uuid(Time time, std::uint16_t counter, std::uint64_t random);

/// Hands out ever larger identities, also when the clock stands still or steps back.
/// Threads: one at a time.
class UuidSequence {
 public:
  Uuid next(Time now, std::uint64_t random);

 private:
  Time last_{};
  std::uint16_t counter_ = 0;
};

constexpr std::size_t hash_value(Uuid uuid) {
  // `low` is random but for two bits; `high` tells hand-made ids apart.
  return static_cast<std::size_t>(uuid.low ^ (uuid.high * 0x9e37'79b9'7f4a'7c15));
}

/// An identity of one kind of thing: `Id<"order">` does not convert to `Id<"user">`.
///
/// Where it is the key of an entity, `Api` is the entity's protocol, which need not be complete here; then the entity
/// is asked by its id: `co_await order.ask<Get>()`, see actor/ref.hpp. On the wire only the value counts.
template <FixedString Tag, class Api = void>
struct Id {
  static constexpr std::string_view tag = Tag.view();

  Uuid value;

  constexpr bool is_nil() const { return value.is_nil(); }
  constexpr auto operator<=>(const Id&) const = default;

  /// The entity's reply, or its failure.
  template <class M, class... Fields>
  auto ask(Fields&&... fields) const {
    return entity_of(*this).template ask<M>(std::forward<Fields>(fields)...);
  }
  /// Its outcome.
  template <class M, class... Fields>
  auto try_ask(Fields&&... fields) const {
    return entity_of(*this).template try_ask<M>(std::forward<Fields>(fields)...);
  }
};

template <FixedString Tag, class Api>
std::string to_text(const Id<Tag, Api>& id) {
  return to_text(id.value);
}

/// As parse_uuid: `parse_id<OrderId>(text)`.
template <class I>
std::optional<I> parse_id(std::string_view text) {
  const std::optional<Uuid> uuid = parse_uuid(text);
  if (!uuid) return std::nullopt;
  return I{*uuid};
}

template <FixedString Tag, class Api>
constexpr std::size_t hash_value(const Id<Tag, Api>& id) {
  return hash_value(id.value);
}

namespace wire {

template <class T>
inline constexpr bool is_id = false;
template <>
inline constexpr bool is_id<Uuid> = true;
template <FixedString Tag, class Api>
inline constexpr bool is_id<Id<Tag, Api>> = true;

template <>
inline constexpr bool is_single_value<Uuid> = true;
template <FixedString Tag, class Api>
inline constexpr bool is_single_value<Id<Tag, Api>> = true;

}  // namespace wire
}  // namespace troupe

template <>
struct std::hash<troupe::Uuid> {
  std::size_t operator()(troupe::Uuid uuid) const noexcept { return hash_value(uuid); }
};

template <troupe::FixedString Tag, class Api>
struct std::hash<troupe::Id<Tag, Api>> {
  std::size_t operator()(const troupe::Id<Tag, Api>& id) const noexcept { return hash_value(id); }
};
