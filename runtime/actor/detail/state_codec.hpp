#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/table.hpp>
#include <troupe/contract/stored.hpp>
#include <troupe/wire/json.hpp>
#include <troupe/wire/reflect.hpp>

/// How a state becomes rows and back: its plain fields one JSON object, each table item a row.
namespace troupe::detail {

template <class State>
inline constexpr std::uint32_t layout_of = [] {
  if constexpr (requires { State::version; }) {
    return static_cast<std::uint32_t>(State::version);
  } else {
    return 1U;
  }
}();

[[noreturn]] void refuse_row(const Key& key, std::string_view type, std::string_view why);
std::string describe(const std::vector<Fault>& faults);

template <class State>
State state_from_row(const Key& key, std::uint32_t layout, std::string_view body) {
  if (layout > layout_of<State>) refuse_row(key, wire::type_name<State>(), "it was written by a newer version");
  if (layout < layout_of<State>) {
    if constexpr (requires { State::upgrade(layout, body); }) {
      return State::upgrade(layout, body);
    } else {
      refuse_row(key, wire::type_name<State>(), "its layout is older and the state declares no upgrade()");
    }
  }
  auto decoded = wire::from_stored_json<State>(body);
  if (!decoded) refuse_row(key, wire::type_name<State>(), describe(decoded.faults()));
  return std::move(*decoded);
}

/// Calls `visit(ordinal, table)` for each table field.
template <class State, class F>
void for_each_table(State& state, F visit) {
  std::uint16_t ordinal = 0;
  wire::for_each_field(state, [&](std::string_view, auto& field) {
    if constexpr (is_table<std::remove_cvref_t<decltype(field)>>) visit(ordinal++, field);
  });
}

template <class State>
void restore_tables(State& state, const Key& key, std::vector<TableRow>& rows) {
  for_each_table(state, [&](std::uint16_t ordinal, auto& table) {
    using T = std::remove_cvref_t<decltype(table)>;
    for (auto& row : rows) {
      if (row.table != ordinal) continue;
      auto item = wire::from_text<typename T::key_type>(row.item);
      auto value = wire::from_stored_json<typename T::mapped_type>(row.body);
      if (!item || !value) refuse_row(key, wire::type_name<State>(), "an item of one of its tables can't be read");
      table.restore(std::move(*item), std::move(*value));
    }
  });
}

template <class State>
std::vector<TableChange> table_changes(const State& state) {
  std::vector<TableChange> changes;
  for_each_table(state, [&](std::uint16_t ordinal, const auto& table) {
    for (const auto& [item, value] : table.changes()) {
      std::optional<std::string> body;
      if (value) body = wire::to_json(*value);
      changes.push_back({ordinal, std::string(wire::detail::key_text(item)), std::move(body)});
    }
  });
  return changes;
}

}  // namespace troupe::detail
