#pragma once

#include <array>
#include <cstddef>
#include <source_location>
#include <string_view>
#include <type_traits>

// How compilers spell types and constants in a function's name, and how our names are cut out of that.
namespace troupe::wire {
namespace detail {

// A class, so that the constant can be a template argument whatever the field's type.
struct Address {
  const void* to;
};

template <Address A>
consteval std::string_view spell_address() {
  return std::source_location::current().function_name();
}

template <class T>
consteval std::string_view spell_type() {
  return std::source_location::current().function_name();
}

template <auto... Values>
consteval std::string_view spell_values() {
  return std::source_location::current().function_name();
}

constexpr bool is_identifier_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// g++: `… {(& specimen<T>.Holder<T>::value.T::NAME)}; …]`, clang: `… {&specimen.value.NAME}]`.
constexpr std::string_view last_identifier(std::string_view spelled) {
  std::size_t end = spelled.rfind('}');
  while (end > 0 && !is_identifier_char(spelled[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_identifier_char(spelled[begin - 1])) --begin;
  return spelled.substr(begin, end - begin);
}

/// g++: `… [with T = NAME; std::string_view = …]`, clang: `… [T = NAME]`.
constexpr std::string_view full_type_in(std::string_view spelled) {
  std::string_view name = spelled.substr(spelled.find(" = ") + 3);
  const std::size_t alias = name.find("; std::");
  return name.substr(0, alias != std::string_view::npos ? alias : name.rfind(']'));
}

constexpr std::string_view type_in(std::string_view spelled) {
  std::string_view name = full_type_in(spelled);
  name = name.substr(0, name.find('<'));
  const std::size_t colons = name.rfind("::");
  return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

// A copy, so that the compiler's long spelling need not stay in the binary.
template <std::size_t Size>
struct Name {
  std::array<char, Size> text{};
  constexpr explicit Name(std::string_view from) {
    for (std::size_t i = 0; i < Size; ++i) text[i] = from[i];
  }
  constexpr std::string_view view() const { return {text.data(), Size}; }
};

template <class T>
struct TypeName {
  static constexpr std::string_view spelled = type_in(spell_type<T>());
  static constexpr Name<spelled.size()> name{spelled};
};

}  // namespace detail

/// The type's own name, without its namespaces and template arguments.
template <class T>
constexpr std::string_view type_name() {
  return detail::TypeName<std::remove_cvref_t<T>>::name.view();
}

/// The type's name with its namespaces and template arguments. Compilers differ in how they spell it.
template <class T>
constexpr std::string_view full_type_name() {
  return detail::full_type_in(detail::spell_type<std::remove_cvref_t<T>>());
}

}  // namespace troupe::wire
