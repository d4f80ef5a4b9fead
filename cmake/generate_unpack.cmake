# cmake -DOUTPUT=FILE [-DMOST=64] -P generate_unpack.cmake
#
# Writes runtime/wire/detail/unpack.hpp: structured bindings for 1 to MOST fields. tests/wire compares the two.
if(NOT MOST)
  set(MOST 64)
endif()
set(names_a_line 20)

set(branches "")
set(names "")
foreach(count RANGE 1 ${MOST})
  math(EXPR last "${count} - 1")
  math(EXPR column "${last} % ${names_a_line}")
  if(count GREATER 1)
    string(APPEND names ",")
    if(column EQUAL 0)
      string(APPEND names "\n      ")
    else()
      string(APPEND names " ")
    endif()
  endif()
  string(APPEND names "f${last}")
  string(APPEND branches " else if constexpr (Count == ${count}) {\n    auto& [${names}] = t;\n    return f(${names});\n  }")
endforeach()

file(WRITE "${OUTPUT}" "#pragma once

// Written by cmake/generate_unpack.cmake, and long because C++20 has no way to bind as many names as a template says:
// one branch for each number of fields. docs/decisions/0019-structured-bindings-of-our-own.md has why it is ours.
// clang-format off

#include <cstddef>

namespace troupe::wire::detail {

inline constexpr std::size_t max_fields = ${MOST};

/// Calls `f(field...)` with references to all `Count` fields of `t`, in order of declaration.
template <std::size_t Count, class T, class F>
constexpr decltype(auto) unpack(T& t, F&& f) {
  if constexpr (Count == 0) {
    return f();
  }${branches}
}

}  // namespace troupe::wire::detail

// clang-format on
")
