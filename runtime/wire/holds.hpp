#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <variant>
#include <vector>

#include <troupe/wire/reflect.hpp>

/// What is somewhere within a type: in its fields, and in what its containers hold.
namespace troupe::wire {

namespace detail {

template <template <class> class Is, class T, class... Around>
inline constexpr bool holds_inside = false;

}  // namespace detail

/// Whether `Is<U>` is true of a T, or of a U somewhere within one. `Around` are the aggregates that this T was found
/// in: a type may hold itself.
template <template <class> class Is, class T, class... Around>
inline constexpr bool holds = Is<T>::value || detail::holds_inside<Is, T, Around...>;

namespace detail {

template <template <class> class Is, class T, class... Around>
consteval bool has_field_that_holds() {
  if constexpr ((std::is_same_v<T, Around> || ...)) {
    return false;
  } else {
    return
        []<class... Fields>(TypeList<Fields...>) { return (holds<Is, Fields, T, Around...> || ...); }(FieldTypes<T>{});
  }
}

template <template <class> class Is, Aggregate T, class... Around>
inline constexpr bool holds_inside<Is, T, Around...> = has_field_that_holds<Is, T, Around...>();
template <template <class> class Is, class T, class... Around>
inline constexpr bool holds_inside<Is, std::optional<T>, Around...> = holds<Is, T, Around...>;
template <template <class> class Is, class T, class... Around>
inline constexpr bool holds_inside<Is, std::vector<T>, Around...> = holds<Is, T, Around...>;
template <template <class> class Is, class T, std::size_t N, class... Around>
inline constexpr bool holds_inside<Is, std::array<T, N>, Around...> = holds<Is, T, Around...>;
template <template <class> class Is, class T, class Less, class... Around>
inline constexpr bool holds_inside<Is, std::set<T, Less>, Around...> = holds<Is, T, Around...>;
template <template <class> class Is, class K, class T, class Less, class... Around>
inline constexpr bool holds_inside<Is, std::map<K, T, Less>, Around...> = holds<Is, T, Around...>;
template <template <class> class Is, class... T, class... Around>
inline constexpr bool holds_inside<Is, std::variant<T...>, Around...> = (holds<Is, T, Around...> || ...);

}  // namespace detail

}  // namespace troupe::wire
