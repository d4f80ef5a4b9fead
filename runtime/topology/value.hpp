#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace troupe::topology {

/// Where something stands; line and column start at 1.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t file = 0;  ///< of those that were read one over the other

  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position& a, const Position& b) {
    return std::tie(a.file, a.line, a.column) <=> std::tie(b.file, b.line, b.column);
  }
};

struct Value;
struct Entry;

using Array = std::vector<Value>;

/// The keys of one TOML table, in the order of the file.
using Table = std::vector<Entry>;

/// A TOML date or time, as text: topology files have no use for one, but must be able to say where it stands.
struct TomlDateTime {
  std::string text;

  friend bool operator==(const TomlDateTime&, const TomlDateTime&) = default;
};

/// Whether a text was written as it is, or came out of `${VARIABLE}`.
enum class Origin : std::uint8_t { literal, environment };

/// One TOML value and where it stands.
///
/// Two values are equal when they mean the same, wherever they stand.
struct Value {
  std::variant<std::string, std::int64_t, double, bool, TomlDateTime, Array, Table> data;
  Position at;
  Origin origin = Origin::literal;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&data);
  }

  friend bool operator==(const Value& a, const Value& b);
};

/// A key with its value; `at` is the key's own place.
struct Entry {
  std::string key;
  Position at;
  Value value;

  friend bool operator==(const Entry& a, const Entry& b) { return a.key == b.key && a.value == b.value; }
};

inline bool operator==(const Value& a, const Value& b) { return a.data == b.data; }

/// What a reader of error texts calls this value's type: "a string", "a table", ...
std::string_view type_name(const Value& value);

const Entry* find(const Table& table, std::string_view key);

}  // namespace troupe::topology
