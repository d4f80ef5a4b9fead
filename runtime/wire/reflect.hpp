#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <troupe/wire/detail/spelling.hpp>
#include <troupe/wire/detail/unpack.hpp>
#include <troupe/wire/enumerators.hpp>

/// Field names and types of plain aggregates, and names of enumerators, read at compile time from the types themselves.
///
///     struct Line { std::string product; std::uint32_t quantity = 0; };
///     wire::for_each_field(line, [](std::string_view name, auto& field) { … });   // "product", then "quantity"
///
/// Errors: base classes, C arrays and more than 64 fields are compile errors naming the type.
/// Source: Boost.PFR (counting and names), magic_enum (enumerators), without their macros.
namespace troupe::wire {

/// Specialise to have a type encoded as text: JSON, msgpack and the schema then take it for a string. It has
/// `static std::string to_text(const T&)` and `static std::optional<T> from_text(std::string_view)`, and
/// `static constexpr std::string_view description` ("a page cursor"), which faults name as what the text must be.
template <class T>
struct TextCodec;

template <class T>
concept HasTextCodec = requires(const T& value, std::string_view text) {
  { TextCodec<T>::to_text(value) } -> std::convertible_to<std::string_view>;
  { TextCodec<T>::from_text(text) } -> std::same_as<std::optional<T>>;
  { TextCodec<T>::description } -> std::convertible_to<std::string_view>;
};

/// True for aggregates in the language's sense that are one value on the wire.
template <class T>
inline constexpr bool is_single_value = false;
template <class T, std::size_t N>
inline constexpr bool is_single_value<std::array<T, N>> = true;

/// A struct whose fields travel by name.
template <class T>
concept Aggregate = std::is_aggregate_v<T> && std::is_class_v<T> && !is_single_value<T> && !HasTextCodec<T>;

namespace detail {

template <class T>
struct Holder {
  T value;
};

// Never defined: only addresses of its parts are taken, in constant expressions.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
template <class T>
extern const Holder<T> specimen;

/// Stands for a value of any field type of Owner, in unevaluated expressions.
template <class Owner>
struct AnyField {
  template <class U>
    requires(!std::is_same_v<U, Owner>)
  operator U() const {  // NOLINT(google-explicit-constructor): it converts where a field is expected
    std::abort();
  }
};

template <class Owner>
struct AnyBase {
  template <class U>
    requires(std::is_base_of_v<U, Owner> && !std::is_same_v<U, Owner>)
  operator U() const {  // NOLINT(google-explicit-constructor)
    std::abort();
  }
};

template <class T, class... Fields>
consteval std::size_t count_fields() {
  if constexpr (sizeof...(Fields) <= max_fields && requires { T{Fields{}..., AnyField<T>{}}; }) {
    return count_fields<T, Fields..., AnyField<T>>();
  } else {
    return sizeof...(Fields);
  }
}

// Unlike braces, parentheses do not spread over the elements of a nested C array.
template <class T, std::size_t... I>
consteval bool has_array_field(std::index_sequence<I...>) {
  return !requires { T((static_cast<void>(I), AnyField<T>{})...); };
}

template <class T>
consteval std::size_t checked_field_count() {
  constexpr std::size_t count = count_fields<T>();
  constexpr bool has_base = requires { T{AnyBase<T>{}}; };
  static_assert(!has_base, "a type on the wire has no base class: make the base a field");
  static_assert(count <= max_fields, "a type on the wire has at most 64 fields: group some into a nested struct");
  constexpr bool countable = !has_base && count <= max_fields;
  if constexpr (countable && count > 0) {
    constexpr bool has_array = has_array_field<T>(std::make_index_sequence<count>{});
    static_assert(!has_array, "a type on the wire has no C array: use std::array or std::vector");
    return has_array ? 0 : count;
  }
  return 0;
}

template <class T, std::size_t I>
consteval Address address_of_field() {
  return unpack<checked_field_count<T>()>(specimen<T>.value, [](auto&... fields) {
    return std::array<Address, sizeof...(fields)>{Address{&fields}...}[I];
  });
}

template <class T, std::size_t I>
struct FieldName {
  static constexpr std::string_view spelled = last_identifier(spell_address<address_of_field<T, I>()>());
  static constexpr Name<spelled.size()> name{spelled};
};

#ifdef __clang__
#pragma clang diagnostic pop
#endif

template <class T, std::size_t... I>
consteval auto make_field_names(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{FieldName<T, I>::name.view()...};
}

}  // namespace detail

template <Aggregate T>
inline constexpr std::size_t field_count = detail::checked_field_count<T>();

template <Aggregate T>
inline constexpr std::array<std::string_view, field_count<T>> field_names =
    detail::make_field_names<T>(std::make_index_sequence<field_count<T>>{});

/// The name of a field as a template argument, so that compilers print it in their errors.
template <std::size_t Size>
struct FieldText {
  char text[Size + 1]{};
  constexpr explicit FieldText(std::string_view name) {
    for (std::size_t i = 0; i < Size; ++i) text[i] = name[i];
  }
};
template <Aggregate T, std::size_t I>
inline constexpr FieldText<field_names<T>[I].size()> field_text{field_names<T>[I]};

template <class... T>
struct TypeList {};

namespace detail {

struct ListTypes {
  template <class... T>
  constexpr TypeList<T...> operator()(T&...) const {
    return {};
  }
};

}  // namespace detail

/// The types of all fields, in order of declaration: `TypeList<std::string, std::uint32_t>`.
template <Aggregate T>
using FieldTypes = decltype(detail::unpack<field_count<T>>(std::declval<T&>(), detail::ListTypes{}));

/// Calls `f(field...)` with references to all fields, in order of declaration.
template <class T, class F>
  requires Aggregate<std::remove_const_t<T>>
constexpr decltype(auto) with_fields(T& value, F&& f) {
  return detail::unpack<field_count<std::remove_const_t<T>>>(value, std::forward<F>(f));
}

/// Calls `f(name, field)` for each field, in order of declaration.
template <class T, class F>
  requires Aggregate<std::remove_const_t<T>>
constexpr void for_each_field(T& value, F&& f) {
  with_fields(value, [&f](auto&... fields) {
    [[maybe_unused]] std::size_t i = 0;
    (f(field_names<std::remove_const_t<T>>[i++], fields), ...);
  });
}

/// The position of a member among the fields, in order of declaration.
template <Aggregate T, class Field>
std::size_t field_index(Field T::* member) {
  const T specimen{};
  std::size_t index = 0;
  std::size_t found = 0;
  for_each_field(specimen, [&](std::string_view, const auto& field) {
    if (static_cast<const void*>(&field) == static_cast<const void*>(&(specimen.*member))) found = index;
    ++index;
  });
  return found;
}

}  // namespace troupe::wire
