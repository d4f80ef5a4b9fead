#pragma once

#include <array>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <troupe/contract/stored.hpp>
#include <troupe/wire/fixed_string.hpp>
#include <troupe/wire/time.hpp>

namespace troupe {

namespace detail {

template <class T>
struct IndexTraits;
template <std::integral T>
struct IndexTraits<T> {
  static constexpr auto type = IndexDeclaration::Type::integer;
  static IndexValue of(T v) { return static_cast<std::int64_t>(v); }
};
template <class T>
  requires std::is_enum_v<T>
struct IndexTraits<T> {
  static constexpr auto type = IndexDeclaration::Type::integer;
  static IndexValue of(T v) { return static_cast<std::int64_t>(v); }
};
template <>
struct IndexTraits<Time> {
  static constexpr auto type = IndexDeclaration::Type::integer;
  static IndexValue of(Time v) { return static_cast<std::int64_t>(v.time_since_epoch().count()); }
};
template <>
struct IndexTraits<std::string> {
  static constexpr auto type = IndexDeclaration::Type::text;
  static IndexValue of(std::string v) { return v; }
};
template <>
struct IndexTraits<Uuid> {
  static constexpr auto type = IndexDeclaration::Type::blob;
  static IndexValue of(const Uuid& v) {
    const auto bytes = to_bytes(v);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
};
template <FixedString Tag, class Api>
struct IndexTraits<Id<Tag, Api>> : IndexTraits<Uuid> {
  static IndexValue of(const Id<Tag, Api>& v) { return IndexTraits<Uuid>::of(v.value); }
};

/// Whether the stored values of a type come in its order: integers rest as signed ones of 64 bits.
template <class T>
inline constexpr bool is_sortable = [] {
  if constexpr (std::is_enum_v<T>) {
    return is_sortable<std::underlying_type_t<T>>;
  } else {
    return !std::unsigned_integral<T> || sizeof(T) < sizeof(std::int64_t);
  }
}();

template <class T>
struct IndexedValue {
  using type = T;
  static std::optional<IndexValue> of(T v) { return IndexTraits<T>::of(std::move(v)); }
};
template <class T>
struct IndexedValue<std::optional<T>> {
  using type = T;
  static std::optional<IndexValue> of(std::optional<T> v) {
    if (!v) return std::nullopt;
    return IndexTraits<T>::of(std::move(*v));
  }
};

}  // namespace detail

/// A declared index: a field of the state, or a function of it. An empty optional keeps the entity out of the index.
/// Values are integers, enums, times, text and ids.
///
/// `using ByUser = Index<"user", &State::user>;`
template <FixedString Name, auto Value>
struct Index {
  static constexpr std::string_view name = Name.view();

  template <class State>
  using ValueOf =
      typename detail::IndexedValue<std::remove_cvref_t<std::invoke_result_t<decltype(Value), const State&>>>;

  template <class State>
  static std::optional<IndexValue> of(const State& state) {
    return ValueOf<State>::of(std::invoke(Value, state));
  }
  template <class State>
  static IndexDeclaration declaration() {
    return {std::string(name), detail::IndexTraits<typename ValueOf<State>::type>::type};
  }
};

/// The indexes of one kind of entity, in an order that may be extended.
template <class... Is>
struct Indexes {
  static constexpr std::size_t size = sizeof...(Is);

  template <FixedString Name>
  static constexpr std::uint16_t ordinal = [] {
    static_assert(((Is::name == Name.view()) || ...), "no index of this name is declared");
    std::uint16_t i = 0;
    static_cast<void>(((Is::name == Name.view() || (++i, false)) || ...));
    return i;
  }();

  template <FixedString Name, class State>
  static IndexDeclaration declaration() {
    IndexDeclaration found;
    static_cast<void>(((Is::name == Name.view() && (found = Is::template declaration<State>(), true)) || ...));
    return found;
  }
  /// What rows may be listed in the order of.
  template <FixedString Name, class State>
  static constexpr void check_order() {
    static_assert(((Is::name != Name.view() || detail::is_sortable<typename Is::template ValueOf<State>::type>) && ...),
                  "an index of 64-bit unsigned numbers has no order: let it be of std::int64_t");
  }
  template <class State>
  static std::vector<IndexDeclaration> declarations() {
    return {Is::template declaration<State>()...};
  }
  template <class State>
  static std::array<std::optional<IndexValue>, size> values(const State& state) {
    return {Is::template of<State>(state)...};
  }
};

}  // namespace troupe
