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
rc::Gen<T> arbitrary_value();

template <class T>
T any_value() {
  return *arbitrary_value<T>();
}

template <class T>
T any_real() {
  const T value = *rc::gen::arbitrary<T>();
  return std::isfinite(value) ? value : T{0};
}

template <class V, std::size_t... I>
V any_alternative(std::index_sequence<I...>) {
  const auto chosen = *rc::gen::inRange<std::size_t>(0, sizeof...(I));
  V value;
  (void)((chosen == I && (value.template emplace<I>(any_value<std::variant_alternative_t<I, V>>()), true)) || ...);
  return value;
}

template <class T>
T any_container() {
  T values;
  const int size = *rc::gen::inRange(0, 4);
  for (int i = 0; i < size; ++i) {
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
  const int children = levels == 0 ? 0 : *rc::gen::inRange(0, 3);
  for (int i = 0; i < children; ++i) tree.children.push_back(any_tree(levels - 1));
  return tree;
}

template <class T>
T make_any() {
  constexpr Shape shape = shape_of<T>;
  if constexpr (std::same_as<T, samples::Tree>) {
    return any_tree(4);
  } else if constexpr (shape == Shape::boolean || shape == Shape::integer) {
    return *rc::gen::arbitrary<T>();
  } else if constexpr (shape == Shape::real) {
    return any_real<T>();
  } else if constexpr (shape == Shape::string) {
    return *arbitrary_text();
  } else if constexpr (shape == Shape::bytes) {
    T bytes;
    for (std::uint8_t octet : *rc::gen::arbitrary<std::vector<std::uint8_t>>()) bytes.push_back(std::byte{octet});
    return bytes;
  } else if constexpr (shape == Shape::time) {
    return T{Duration{*rc::gen::inRange<std::int64_t>(first_time.time_since_epoch().count(),
                                                      last_time.time_since_epoch().count() + 1)}};
  } else if constexpr (shape == Shape::duration) {
    return T{*rc::gen::arbitrary<std::int64_t>()};
  } else if constexpr (shape == Shape::id) {
    return T{Uuid{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()}};
  } else if constexpr (shape == Shape::text) {
    return T{*rc::gen::arbitrary<std::int64_t>()};
  } else if constexpr (shape == Shape::enumeration) {
    return enumerators<T>[*rc::gen::inRange<std::size_t>(0, enumerators<T>.size())].value;
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

template <class T>
rc::Gen<T> arbitrary_value() {
  return rc::gen::exec([] { return make_any<T>(); });
}

}  // namespace troupe::wire
