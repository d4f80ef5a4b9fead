#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/wire/checker.hpp>
#include <troupe/wire/fault.hpp>
#include <troupe/wire/id.hpp>
#include <troupe/wire/reflect.hpp>
#include <troupe/wire/time.hpp>

namespace troupe {

inline std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << '[' << fault.pointer << "] " << fault.detail;
}

}  // namespace troupe

/// Aggregates that tests encode and decode: one of each shape, one with rules, one that nests in itself.
namespace troupe::wire::samples {

using OrderId = Id<"order">;

enum class Color : std::uint8_t { red, green, dark_blue };

/// A type with a text form of its own: `c7`.
struct Cursor {
  std::int64_t position = 0;
  auto operator<=>(const Cursor&) const = default;
};

struct Card {
  std::string number;
  bool operator==(const Card&) const = default;
};

struct Line {
  std::string product;
  std::uint32_t quantity = 0;

  static void check(Checker<Line>& c) {
    c.field(&Line::product).length(1, 10);
    c.field(&Line::quantity).range(1, 10'000);
  }
  bool operator==(const Line&) const = default;
};

struct Place {
  std::vector<Line> items;
  std::optional<std::string> note;
  std::optional<Color> color;

  static void check(Checker<Place>& c) {
    c.field(&Place::items).items(1, 3);
    c.field(&Place::note).length(0, 5);
  }
  bool operator==(const Place&) const = default;
};

struct Tree {
  std::vector<Tree> children;
  bool operator==(const Tree&) const = default;
};

}  // namespace troupe::wire::samples

template <>
struct troupe::wire::TextCodec<troupe::wire::samples::Cursor> {
  static constexpr std::string_view description = "a cursor";
  static std::string to_text(const samples::Cursor& cursor) { return "c" + std::to_string(cursor.position); }
  static std::optional<samples::Cursor> from_text(std::string_view text) {
    samples::Cursor cursor;
    if (!text.starts_with('c')) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), cursor.position);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return cursor;
  }
};

namespace troupe::wire::samples {

struct Everything {
  bool flag = false;
  std::int8_t tiny = 0;
  std::uint16_t small = 0;
  std::int32_t medium = 0;
  std::int64_t large = 0;
  std::uint64_t huge = 0;
  double real = 0;
  float narrow = 0;
  std::string text;
  Bytes bytes;
  Time at{};
  Duration wait{};
  OrderId order;
  Cursor cursor;
  Color color = Color::red;
  std::optional<std::string> note;
  std::vector<Line> lines;
  std::vector<std::optional<std::int32_t>> gaps;
  std::array<std::int16_t, 2> pair{};
  std::set<std::string> tags;
  std::map<std::string, std::int64_t> counts;
  std::map<OrderId, Line> by_order;
  std::map<std::int16_t, bool> by_number;
  std::map<Cursor, std::string> by_cursor;
  std::variant<std::monostate, Card, Line, std::int64_t> choice;
  Tree tree;

  bool operator==(const Everything&) const = default;
};

}  // namespace troupe::wire::samples
