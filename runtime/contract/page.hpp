#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/contract/key.hpp>
#include <troupe/contract/stored.hpp>
#include <troupe/wire/shape.hpp>

namespace troupe {

/// Where the next page of a listing starts: opaque to clients, the last row's key inside.
struct Cursor {
  Key key;

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

namespace detail {

/// One database's part of a listing that several share out.
template <class Reply>
struct DirectoryPart {
  Reply reply;
  PageTrace trace;
};

/// What one database that held all rows would have answered. All parts are traced.
template <class Item>
Page<Item> merge_parts(std::vector<DirectoryPart<Page<Item>>> parts) {
  struct Entry {
    const Key* key;
    Item* item;
  };
  std::vector<Entry> entries;
  Page<Item> whole;
  std::size_t limit = 0;
  bool more = false;
  bool ascending = false;
  for (auto& part : parts) {
    limit = std::max<std::size_t>(limit, part.trace.limit);
    more = more || part.reply.next_cursor.has_value();
    ascending = part.trace.order == Scan::Order::ascending;
    for (std::size_t i = 0; i < part.reply.items.size(); ++i)
      entries.push_back({&part.trace.keys[i], &part.reply.items[i]});
  }
  std::stable_sort(entries.begin(), entries.end(), [ascending](const Entry& a, const Entry& b) {
    return ascending ? *a.key < *b.key : *b.key < *a.key;
  });
  more = more || entries.size() > limit;
  entries.resize(std::min(entries.size(), limit));
  for (const auto& entry : entries) whole.items.push_back(std::move(*entry.item));
  if (more && !entries.empty()) whole.next_cursor = Cursor{*entries.back().key};
  return whole;
}

/// Whether the trace tells where each item of the page stands.
template <class Item>
bool is_traced(const Page<Item>& page, const PageTrace& trace) {
  return page.items.size() == trace.keys.size();
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
