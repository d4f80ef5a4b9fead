#pragma once

#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <troupe/wire/reflect.hpp>
#include <troupe/wire/shape.hpp>
#include "tests/wire/samples.hpp"

/// Arbitrary values of every shape, made by the same reflection that the codecs use.
///
/// To be called within a property. Values are put together from a few generators of scalars: a generator for each type
/// would be shrunk the same, and took g++ more than twice as long.
namespace troupe::wire {

/// Valid UTF-8 with characters of every length, control characters and quotes among them.
inline rc::Gen<std::string> arbitrary_text() {
  const auto character = rc::gen::weightedElement<std::string>({{8, "a"},
                                                                {4, "\""},
                                                                {2, "\\"},
                                                                {2, std::string(1, '\0')},
                                                                {2, "\n"},
                                                                {2, "\x7f"},
                                                                {2, "\x1f"},
                                                                {4, "é"},
                                                                {4, "€"},
                                                                {4, "😀"},
                                                                {2, "\xef\xbf\xbf"},
                                                                {2, "\xf4\x8f\xbf\xbf"},
                                                                {2, "/"},
                                                                {2, "plain text of some length"}});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(character),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

template <class T>
T any_value();

/// From `least` to below `end`.
inline std::int64_t any_in(std::int64_t least, std::int64_t end) { return *rc::gen::inRange(least, end); }
inline std::size_t any_index(std::size_t size) {
  return static_cast<std::size_t>(any_in(0, static_cast<std::int64_t>(size)));
}

template <class T>
T any_real() {
  const auto value = static_cast<T>(*rc::gen::arbitrary<double>());
  return std::isfinite(value) ? value : T{0};
}

template <class V, std::size_t... I>
V any_alternative(std::index_sequence<I...>) {
  const std::size_t chosen = any_index(sizeof...(I));
  V value;
  (void)((chosen == I && (value.template emplace<I>(any_value<std::variant_alternative_t<I, V>>()), true)) || ...);
  return value;
}

template <class T>
T any_container() {
  T values;
  const std::size_t size = any_index(4);
  for (std::size_t i = 0; i < size; ++i) {
    if constexpr (shape_of<T> == Shape::list) {
      values.push_back(any_value<typename T::value_type>());
    } else if constexpr (shape_of<T> == Shape::set) {
      values.insert(any_value<typename T::value_type>());
    } else {
      values.emplace(any_value<typename T::key_type>(), any_value<typename T::mapped_type>());
    }
  }
  return values;
}

inline samples::Tree any_tree(int levels) {
  samples::Tree tree;
  const std::size_t children = levels == 0 ? 0 : any_index(3);
  for (std::size_t i = 0; i < children; ++i) tree.children.push_back(any_tree(levels - 1));
  return tree;
}

template <class T>
T any_value() {
  constexpr Shape shape = shape_of<T>;
  if constexpr (std::same_as<T, samples::Tree>) {
    return any_tree(4);
  } else if constexpr (shape == Shape::boolean) {
    return *rc::gen::arbitrary<bool>();
  } else if constexpr (shape == Shape::integer) {
    return static_cast<T>(*rc::gen::arbitrary<std::int64_t>());
  } else if constexpr (shape == Shape::real) {
    return any_real<T>();
  } else if constexpr (shape == Shape::string) {
    return *arbitrary_text();
  } else if constexpr (shape == Shape::bytes) {
    T bytes;
    for (const std::int64_t value : *rc::gen::arbitrary<std::vector<std::int64_t>>()) {
      bytes.push_back(static_cast<std::byte>(value));
    }
    return bytes;
  } else if constexpr (shape == Shape::time) {
    return T{Duration{any_in(first_time.time_since_epoch().count(), last_time.time_since_epoch().count() + 1)}};
  } else if constexpr (shape == Shape::duration) {
    return T{*rc::gen::arbitrary<std::int64_t>()};
  } else if constexpr (shape == Shape::id) {
    return T{Uuid{any_value<std::uint64_t>(), any_value<std::uint64_t>()}};
  } else if constexpr (shape == Shape::text) {
    return T{*rc::gen::arbitrary<std::int64_t>()};
  } else if constexpr (shape == Shape::enumeration) {
    return enumerators<T>[any_index(enumerators<T>.size())].value;
  } else if constexpr (shape == Shape::optional) {
    return *rc::gen::arbitrary<bool>() ? T(any_value<typename T::value_type>()) : T();
  } else if constexpr (shape == Shape::variant) {
    return any_alternative<T>(std::make_index_sequence<std::variant_size_v<T>>{});
  } else if constexpr (shape == Shape::array) {
    T values{};
    for (auto& value : values) value = any_value<typename T::value_type>();
    return values;
  } else if constexpr (shape == Shape::aggregate) {
    T value{};
    for_each_field(
        value, [](std::string_view, auto& field) { field = any_value<std::remove_reference_t<decltype(field)>>(); });
    return value;
  } else {
    return any_container<T>();
  }
}

}  // namespace troupe::wire
