#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/id.hpp>
#include <troupe/wire/reflect.hpp>
#include <troupe/wire/secret.hpp>
#include <troupe/wire/time.hpp>

/// Which of the few shapes that a value can have on the wire a C++ type has.
/// Errors: asking for the shape of any other type is a compile error naming it; of an aggregate with a field of such a
/// type, one naming aggregate, field and type.
namespace troupe::wire {

enum class Shape {
  boolean,
  integer,
  real,
  string,
  bytes,
  time,
  duration,
  id,
  text,  // a TextCodec of its own
  enumeration,
  optional,
  list,   // std::vector
  array,  // std::array
  set,
  map,
  variant,
  aggregate,
  none,  // no codec; a static_assert has said so
};

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// Says of an enum class without enumerators that it is a number with a type of its own, which travels as a number
/// does: `enum class Revision : std::uint32_t {};`, `template <> inline constexpr bool
/// troupe::wire::is_number<Revision> = true;`
template <class T>
inline constexpr bool is_number = false;

/// The plain type of an integer.
template <class T>
using NumberOf = typename std::conditional_t<is_number<T>, std::underlying_type<T>, std::type_identity<T>>::type;

namespace detail {

// One overload for each shape made from a template; the result type carries the shape.
template <Shape S>
using Is = std::integral_constant<Shape, S>;

template <class T>
struct TemplateShape {
  static constexpr bool found = false;
};
template <class T>
struct TemplateShape<std::optional<T>> : Is<Shape::optional> {
  static constexpr bool found = true;
};
template <class T>
struct TemplateShape<std::vector<T>> : Is<Shape::list> {
  static constexpr bool found = true;
};
template <class T, std::size_t N>
struct TemplateShape<std::array<T, N>> : Is<Shape::array> {
  static constexpr bool found = true;
};
template <class T, class Less>
struct TemplateShape<std::set<T, Less>> : Is<Shape::set> {
  static constexpr bool found = true;
};
template <class K, class T, class Less>
struct TemplateShape<std::map<K, T, Less>> : Is<Shape::map> {
  static constexpr bool found = true;
};
template <class... T>
struct TemplateShape<std::variant<T...>> : Is<Shape::variant> {
  static constexpr bool found = true;
};

template <class T>
consteval Shape shape_of_one() {
  if constexpr (HasTextCodec<T>) {
    return Shape::text;
  } else if constexpr (std::same_as<T, bool>) {
    return Shape::boolean;
  } else if constexpr (Integer<wire::NumberOf<T>>) {
    return Shape::integer;
  } else if constexpr (std::same_as<T, float> || std::same_as<T, double>) {
    return Shape::real;
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, Secret>) {
    return Shape::string;
  } else if constexpr (std::same_as<T, Bytes>) {
    return Shape::bytes;
  } else if constexpr (std::same_as<T, Time>) {
    return Shape::time;
  } else if constexpr (std::same_as<T, Duration>) {
    return Shape::duration;
  } else if constexpr (is_id<T>) {
    return Shape::id;
  } else if constexpr (Enumeration<T>) {
    return Shape::enumeration;
  } else if constexpr (TemplateShape<T>::found) {
    return TemplateShape<T>::value;
  } else if constexpr (Aggregate<T>) {
    return Shape::aggregate;
  } else {
    return Shape::none;
  }
}

/// Whether a codec can write and read a T. Of an aggregate within it only that it is one: it answers for its own
/// fields.
template <class T>
inline constexpr bool has_codec = shape_of_one<T>() != Shape::none;
template <class T>
inline constexpr bool has_codec<std::optional<T>> = has_codec<T>;
template <class T>
inline constexpr bool has_codec<std::optional<std::optional<T>>> = false;
template <class T>
  requires(!std::same_as<T, std::byte>)
inline constexpr bool has_codec<std::vector<T>> = has_codec<T>;
template <class T, std::size_t N>
inline constexpr bool has_codec<std::array<T, N>> = has_codec<T>;
template <class T, class Less>
inline constexpr bool has_codec<std::set<T, Less>> = has_codec<T>;
template <class K, class T, class Less>
inline constexpr bool has_codec<std::map<K, T, Less>> = has_codec<T>;
template <class... T>
inline constexpr bool has_codec<std::variant<T...>> = (has_codec<T> && ...);

/// Its arguments are for the compiler's error, which prints them: the aggregate, its field and the field's type.
template <class T, FieldText Name, class Field>
inline constexpr bool field_has_codec = has_codec<Field>;

template <class T>
inline constexpr bool is_nested_optional = false;
template <class T>
inline constexpr bool is_nested_optional<std::optional<std::optional<T>>> = true;

template <class T, std::size_t I, class Field>
consteval bool checked_field() {
  if constexpr (!has_codec<Field>) {
    static_assert(field_has_codec<T, field_text<T, I>, Field> || !is_nested_optional<Field>,
                  "optional<optional> has no codec: absent and empty would look the same");
    static_assert(field_has_codec<T, field_text<T, I>, Field> || is_nested_optional<Field>,
                  "a field's type has no codec: take one that wire/shape.hpp knows, or give it a TextCodec");
  }
  return has_codec<Field>;
}

template <class T, class... Fields, std::size_t... I>
consteval bool checked_fields(TypeList<Fields...>, std::index_sequence<I...>) {
  return (checked_field<T, I, Fields>() & ... & true);
}

template <class T>
consteval Shape find_shape() {
  constexpr Shape shape = shape_of_one<T>();
  if constexpr (shape == Shape::aggregate) {
    return checked_fields<T>(FieldTypes<T>{}, std::make_index_sequence<field_count<T>>{}) ? shape : Shape::none;
  } else {
    static_assert(has_codec<T>, "this type has no codec: take one that wire/shape.hpp knows, or give it a TextCodec");
    return has_codec<T> ? shape : Shape::none;
  }
}

}  // namespace detail

template <class T>
inline constexpr Shape shape_of = detail::find_shape<T>();

/// Shapes that one JSON scalar carries.
constexpr bool is_scalar(Shape shape) { return shape <= Shape::enumeration; }

/// What can be the key of a map: text in JSON, a plain value in msgpack.
template <class T>
concept MapKey = std::same_as<T, std::string> || is_id<T> || Integer<T> || HasTextCodec<T>;

namespace detail {

/// `CardPayment` → `card_payment`, `HTTPError` → `http_error`.
constexpr std::size_t snake_case(std::string_view name, char* out) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  std::size_t size = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word =
        is_upper(name[i]) && i > 0 && name[i - 1] != '_' &&
        (!is_upper(name[i - 1]) || (i + 1 < name.size() && !is_upper(name[i + 1]) && name[i + 1] != '_'));
    if (starts_word) out[size++] = '_';
    out[size++] = is_upper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return size;
}

template <class T>
struct SnakeName {
  static constexpr std::string_view camel = type_name<T>();
  std::array<char, camel.size() * 2> text{};
  std::size_t size = 0;
  constexpr SnakeName() { size = snake_case(camel, text.data()); }
};
template <class T>
inline constexpr SnakeName<T> snake_name{};

template <Integer T>
consteval std::string_view integer_name() {
  constexpr std::array<std::string_view, 4> of_signed{"int8", "int16", "int32", "int64"};
  constexpr std::array<std::string_view, 4> of_unsigned{"uint8", "uint16", "uint32", "uint64"};
  constexpr std::size_t index = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return std::is_signed_v<T> ? of_signed[index] : of_unsigned[index];
}

template <class T>
constexpr std::string_view alternative_name() {
  constexpr Shape shape = shape_of<T>;
  if constexpr (shape == Shape::boolean) {
    return "bool";
  } else if constexpr (shape == Shape::integer) {
    return integer_name<wire::NumberOf<T>>();
  } else if constexpr (shape == Shape::real) {
    return std::same_as<T, float> ? "float" : "double";
  } else if constexpr (shape == Shape::list) {
    return "list";
  } else if constexpr (shape == Shape::aggregate || shape == Shape::enumeration || shape == Shape::text) {
    return {snake_name<T>.text.data(), snake_name<T>.size};
  } else {
    constexpr std::string_view names[] = {"", "",         "", "string", "bytes", "time", "duration", "id", "",
                                          "", "optional", "", "array",  "set",   "map",  "variant",  "",   ""};
    return names[static_cast<std::size_t>(shape)];
  }
}

template <class V>
struct AlternativesOf;
template <class... T>
struct AlternativesOf<std::variant<T...>> {
  static_assert(((shape_of<T> != Shape::optional) && ...), "a variant on the wire has no optional alternative");
  static constexpr std::array<std::string_view, sizeof...(T)> names{alternative_name<T>()...};
  static consteval bool distinct() {
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (names[i] == names[j]) return false;
    return true;
  }
};

}  // namespace detail

/// The names of a variant's alternatives, as they travel: the types' own names in snake_case.
template <class V>
constexpr const auto& alternative_names() {
  static_assert(detail::AlternativesOf<V>::distinct(), "the alternatives of a variant have distinct names on the wire");
  return detail::AlternativesOf<V>::names;
}

namespace detail {

template <class T>
struct InOptional {
  using type = T;
};
template <class T>
struct InOptional<std::optional<T>> {
  using type = T;
};

}  // namespace detail

/// What an optional holds; of other types, the type itself.
template <class T>
using Unwrapped = typename detail::InOptional<T>::type;

}  // namespace troupe::wire
