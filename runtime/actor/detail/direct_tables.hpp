#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <troupe/actor/table.hpp>
#include <troupe/wire/holds.hpp>

/// Refuses a table that is no direct field of its state: nothing would write its items.
namespace troupe::detail {

template <class T>
using IsTable = std::bool_constant<is_table<T>>;
template <class T>
inline constexpr bool holds_table = wire::holds<IsTable, T>;

template <class Field>
inline constexpr bool has_no_inner_table = !holds_table<Field>;
template <class K, class V>
inline constexpr bool has_no_inner_table<Table<K, V>> = !holds_table<V>;

/// Its arguments are for the compiler's error, which prints them: the state, its field and the field's type.
template <class State, wire::FieldText Name, class Field>
inline constexpr bool table_is_direct_field = has_no_inner_table<Field>;

template <class State, class Field, std::size_t I>
consteval bool check_direct_table() {
  if constexpr (!has_no_inner_table<Field>) {
    static_assert(table_is_direct_field<State, wire::field_text<State, I>, Field>,
                  "a Table is a direct field of the state: inside another struct its items would be lost");
  }
  return true;
}

template <class State>
consteval bool has_direct_tables() {
  return []<class... Fields, std::size_t... I>(wire::TypeList<Fields...>, std::index_sequence<I...>) {
    return (check_direct_table<State, Fields, I>() && ...);
  }(wire::FieldTypes<State>{}, std::make_index_sequence<wire::field_count<State>>{});
}

}  // namespace troupe::detail
