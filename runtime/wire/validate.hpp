#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/wire/checker.hpp>
#include <troupe/wire/fault.hpp>
#include <troupe/wire/shape.hpp>

namespace troupe::wire {
namespace detail {

void check_text(const FieldRules& rules, std::string_view text, const Path& path, std::vector<Fault>& faults);
void check_size(const FieldRules& rules, std::size_t bytes, const Path& path, std::vector<Fault>& faults);
void check_items(const FieldRules& rules, std::size_t items, const Path& path, std::vector<Fault>& faults);
void check_integer(const FieldRules& rules, std::int64_t value, const Path& path, std::vector<Fault>& faults);
void check_duration(const FieldRules& rules, Duration value, const Path& path, std::vector<Fault>& faults);
void check_real(const FieldRules& rules, double value, const Path& path, std::vector<Fault>& faults);
void check_match(const FieldRules& rules, const void* value, const Path& path, std::vector<Fault>& faults);

/// How a key stands in JSON, and so in a pointer.
template <MapKey K>
std::string key_text(const K& key) {
  if constexpr (HasTextCodec<K>) {
    return std::string(TextCodec<K>::to_text(key));
  } else if constexpr (is_id<K>) {
    return to_text(key);
  } else if constexpr (Integer<K>) {
    return std::to_string(key);
  } else {
    return key;
  }
}

template <class T>
void check_own(const T& value, const FieldRules& rules, const Path& path, std::vector<Fault>& faults) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (shape == Shape::string) {
    check_text(rules, text_of(value), path, faults);
  } else if constexpr (shape == Shape::bytes) {
    check_size(rules, value.size(), path, faults);
  } else if constexpr (shape == Shape::list || shape == Shape::set || shape == Shape::map) {
    check_items(rules, value.size(), path, faults);
  } else if constexpr (shape == Shape::integer) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const auto number = static_cast<wire::NumberOf<T>>(value);
    check_integer(rules, std::cmp_greater(number, most) ? most : static_cast<std::int64_t>(number), path, faults);
  } else if constexpr (shape == Shape::duration) {
    check_duration(rules, value, path, faults);
  } else if constexpr (shape == Shape::real) {
    check_real(rules, value, path, faults);
  }
  if (rules.test != nullptr) check_match(rules, &value, path, faults);
}

template <class T>
void check_value(const T& value, const FieldRules* rules, const Path& path, std::vector<Fault>& faults);

template <class T>
void check_fields(const T& value, const Path& path, std::vector<Fault>& faults) {
  const TypeRules* rules = nullptr;
  if constexpr (states_rules<T>()) rules = &rules_of<T>();
  with_fields(value, [&](const auto&... fields) {
    [[maybe_unused]] std::size_t i = 0;
    ((check_value(fields, rules == nullptr ? nullptr : &(*rules)[i], Path(path, field_names<T>[i]), faults), ++i), ...);
  });
}

template <class T>
void check_elements(const T& value, const FieldRules* rules, const Path& path, std::vector<Fault>& faults) {
  const FieldRules* each = rules == nullptr || rules->each.empty() ? nullptr : &rules->each.front();
  using Element = typename ElementOf<T>::type;
  if constexpr (is_scalar(shape_of<Unwrapped<Element>>)) {
    if (each == nullptr) return;
  }
  if constexpr (shape_of<T> == Shape::map) {
    for (const auto& [key, element] : value) {
      const std::string text = key_text(key);
      check_value(element, each, Path(path, text), faults);
    }
  } else {
    std::size_t index = 0;
    for (const auto& element : value)
      check_value(static_cast<const Element&>(element), each, Path(path, index++), faults);
  }
}

template <class T>
void check_value(const T& value, const FieldRules* rules, const Path& path, std::vector<Fault>& faults) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (shape == Shape::optional) {
    if (value) check_value(*value, rules, path, faults);
  } else {
    if (rules != nullptr) check_own(value, *rules, path, faults);
    if constexpr (shape == Shape::aggregate && holds_rules<T>) {
      check_fields(value, path, faults);
    } else if constexpr (shape == Shape::list || shape == Shape::array || shape == Shape::set || shape == Shape::map) {
      check_elements(value, rules, path, faults);
    } else if constexpr (shape == Shape::variant) {
      const Path inner(path, alternative_names<T>()[value.index()]);
      std::visit([&](const auto& chosen) { check_value(chosen, nullptr, inner, faults); }, value);
    }
  }
}

}  // namespace detail

/// Adds a fault for every rule, stated by `T::check` or by a nested aggregate's, that `value` breaks.
template <class T>
void validate([[maybe_unused]] const T& value, [[maybe_unused]] std::vector<Fault>& faults) {
  if constexpr (holds_rules<T>) detail::check_value(value, nullptr, Path(), faults);
}

}  // namespace troupe::wire
