#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <troupe/wire/detail/spelling.hpp>

/// Names of an enum class's values, read from the type itself at compile time.
///
/// Errors: an unscoped enum, or one without a value from 0 to 63, is a compile error; larger values have no name.
/// Source: magic_enum, without its macros.
namespace troupe::wire {

template <class E>
concept Enumeration = std::is_enum_v<E> && !std::is_same_v<E, std::byte>;

template <Enumeration E>
struct Enumerator {
  E value;
  std::string_view name;
};

namespace detail {

inline constexpr std::size_t max_enumerators = 64;  // values 0 to 63 are looked at

// Positions, not views: g++ 12 rejects views of its spelling as parts of a constant.
struct SpelledNames {
  std::array<std::uint16_t, max_enumerators> begin{};
  std::array<std::uint16_t, max_enumerators> size{};  // by value; 0 where there is no enumerator
  std::size_t count = 0;
  std::size_t text_size = 0;
};

constexpr std::string_view without_scope(std::string_view name) {
  if (const std::size_t colons = name.rfind("::"); colons != std::string_view::npos) name.remove_prefix(colons + 2);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  return name;
}

constexpr bool ends_name(char c) { return c == ',' || c == '}' || c == '>'; }
constexpr int opens(char c) { return c == '{' || c == '<' || c == '(' ? 1 : 0; }
constexpr int closes(char c) { return c == '}' || c == '>' || c == ')' ? 1 : 0; }

/// g++: `[with auto ...Values = {ns::E::a, (ns::E)1}; …]`, clang: `[Values = <ns::E::a, (ns::E)1>]`.
constexpr SpelledNames parse_enumerators(std::string_view spelled) {
  SpelledNames result;
  std::size_t at = spelled.find(" = ") + 4;
  for (std::size_t i = 0; i < max_enumerators; ++i) {
    const std::size_t begin = at;
    // Brackets inside are parts of scopes: `{anonymous}`, `<unnamed>`, `Page<Line>`.
    for (int depth = 0; depth > 0 || !ends_name(spelled[at]); ++at) depth += opens(spelled[at]) - closes(spelled[at]);
    const std::string_view name = without_scope(spelled.substr(begin, at - begin));
    if (name.find(')') == std::string_view::npos) {  // else a cast: no enumerator has this value
      result.begin[i] = static_cast<std::uint16_t>(at - name.size());
      result.size[i] = static_cast<std::uint16_t>(name.size());
      result.text_size += name.size();
      ++result.count;
    }
    ++at;
  }
  return result;
}

template <class E, std::size_t... I>
consteval std::string_view spell_enumerators(std::index_sequence<I...>) {
  return spell_values<static_cast<E>(I)...>();
}

template <class E>
inline constexpr SpelledNames spelled_names =
    parse_enumerators(spell_enumerators<E>(std::make_index_sequence<max_enumerators>{}));

template <class E>
consteval auto copy_enumerator_text() {
  const std::string_view spelled = spell_enumerators<E>(std::make_index_sequence<max_enumerators>{});
  std::array<char, spelled_names<E>.text_size> text{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < max_enumerators; ++i)
    for (std::size_t j = 0; j < spelled_names<E>.size[i]; ++j) text[at++] = spelled[spelled_names<E>.begin[i] + j];
  return text;
}

template <class E>
inline constexpr auto enumerator_text = copy_enumerator_text<E>();

template <class E>
consteval auto list_enumerators() {
  static_assert(!std::is_convertible_v<E, std::underlying_type_t<E>>, "an enum on the wire is an enum class");
  static_assert(spelled_names<E>.count > 0, "an enum on the wire has its values from 0 to 63");
  std::array<Enumerator<E>, spelled_names<E>.count> all{};
  std::size_t at = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < max_enumerators; ++i) {
    const std::size_t size = spelled_names<E>.size[i];
    if (size == 0) continue;
    all[found++] = Enumerator<E>{static_cast<E>(i), std::string_view(enumerator_text<E>.data() + at, size)};
    at += size;
  }
  return all;
}

}  // namespace detail

/// All enumerators with values from 0 to 63, in order of value.
template <Enumeration E>
inline constexpr auto enumerators = detail::list_enumerators<E>();

/// Empty where `value` is no enumerator.
template <Enumeration E>
constexpr std::string_view enum_name(E value) {
  for (const auto& enumerator : enumerators<E>)
    if (enumerator.value == value) return enumerator.name;
  return {};
}

template <Enumeration E>
constexpr std::optional<E> enum_from_name(std::string_view name) {
  for (const auto& enumerator : enumerators<E>)
    if (enumerator.name == name) return enumerator.value;
  return std::nullopt;
}

}  // namespace troupe::wire
