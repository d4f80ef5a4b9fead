#pragma once

#include <compare>
#include <cstddef>
#include <string_view>

namespace troupe {

/// Text that can be a template argument: `Protocol<"order", …>`, `Id<"user">`.
template <std::size_t Size>
struct FixedString {
  char text[Size]{};  // with the terminating zero

  // NOLINTNEXTLINE(google-explicit-constructor): a literal converts where a template argument is expected.
  consteval FixedString(const char (&literal)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) text[i] = literal[i];
  }

  constexpr std::string_view view() const { return {text, Size - 1}; }
  constexpr auto operator<=>(const FixedString&) const = default;
};

template <std::size_t A, std::size_t B>
constexpr bool operator==(const FixedString<A>& a, const FixedString<B>& b) {
  return a.view() == b.view();
}

}  // namespace troupe
