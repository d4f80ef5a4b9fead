#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/contract/key.hpp>
#include <troupe/contract/stored.hpp>
#include <troupe/wire/bytes.hpp>
#include <troupe/wire/shape.hpp>

namespace troupe {

/// Where a row stands in a listing, so that the next page goes on behind it: opaque to clients, but no secret.
struct Cursor {
  /// In an order other than that of keys, newest first: which, and the row's value there.
  struct ByValue {
    std::string index;
    Direction direction = Direction::ascending;
    IndexValue value;

    friend bool operator==(const ByValue&, const ByValue&) = default;
  };

  Key key;
  std::optional<ByValue> by = {};

  /// The octets at rest in a client's hands and between nodes; in the order of keys, those of the key.
  Bytes to_bytes() const;
  static std::optional<Cursor> from_bytes(std::span<const std::byte> bytes);

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

template <>
struct wire::TextCodec<Cursor> {
  static constexpr std::string_view description = "the next_cursor of an earlier page";
  static std::string to_text(const Cursor& cursor);
  static std::optional<Cursor> from_text(std::string_view text);
};

/// As clients are told it.
inline std::string to_text(const Cursor& cursor) { return wire::TextCodec<Cursor>::to_text(cursor); }

/// One page of a listing, in order. No `next_cursor`: there is no more.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<Cursor> next_cursor;
};

/// Where the items of a page stand, so that pages of several databases can be merged into one.
struct PageTrace {
  std::vector<Cursor> places;  ///< of the page's items, in their order
  std::uint32_t limit = 0;
  Direction direction = Direction::descending;
  bool foreign_cursor = false;  ///< the page was to go on from a cursor of another order: it is no page
};

namespace detail {

/// One database's part of a listing that several share out.
template <class Reply>
struct DirectoryPart {
  Reply reply;
  PageTrace trace;
};

/// Whether the one comes first, of two rows in the same order.
bool stands_before(const Cursor& a, const Cursor& b, Direction direction);
bool have_one_order(std::span<const PageTrace* const> traces);
template <class Reply>
bool have_one_order(const std::vector<DirectoryPart<Reply>>& parts) {
  std::vector<const PageTrace*> traces;
  for (const auto& part : parts) traces.push_back(&part.trace);
  return have_one_order(std::span<const PageTrace* const>(traces));
}

/// What one database that held all rows would have answered. All parts are traced, in one order.
template <class Item>
Page<Item> merge_parts(std::vector<DirectoryPart<Page<Item>>> parts) {
  struct Entry {
    const Cursor* place;
    Item* item;
  };
  std::vector<Entry> entries;
  Page<Item> whole;
  std::size_t limit = 0;
  bool more = false;
  auto direction = Direction::descending;
  for (auto& part : parts) {
    limit = std::max<std::size_t>(limit, part.trace.limit);
    more = more || part.reply.next_cursor.has_value();
    direction = part.trace.direction;
    for (std::size_t i = 0; i < part.reply.items.size(); ++i)
      entries.push_back({&part.trace.places[i], &part.reply.items[i]});
  }
  std::stable_sort(entries.begin(), entries.end(), [direction](const Entry& a, const Entry& b) {
    return stands_before(*a.place, *b.place, direction);
  });
  more = more || entries.size() > limit;
  entries.resize(std::min(entries.size(), limit));
  for (const auto& entry : entries) whole.items.push_back(std::move(*entry.item));
  if (more && !entries.empty()) whole.next_cursor = *entries.back().place;
  return whole;
}

/// Whether the trace tells where each item of the page stands.
template <class Item>
bool is_traced(const Page<Item>& page, const PageTrace& trace) {
  return page.items.size() == trace.places.size();
}
template <class Item>
bool is_traced(const std::vector<Item>&, const PageTrace&) {
  return true;  // in no order that a merge would keep
}

template <class Item>
std::vector<Item> merge_parts(std::vector<DirectoryPart<std::vector<Item>>> parts) {
  std::vector<Item> whole;
  for (auto& part : parts) std::move(part.reply.begin(), part.reply.end(), std::back_inserter(whole));
  return whole;
}

template <class Reply>
concept Mergeable = requires(std::vector<DirectoryPart<Reply>> parts) { merge_parts(std::move(parts)); };

}  // namespace detail
}  // namespace troupe
