#include <troupe/contract/page.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace troupe {
namespace {

using Text = wire::TextCodec<Cursor>;

Cursor by_key(std::uint64_t number) { return {Key(Uuid{1, number})}; }
Cursor by_value(IndexValue value, std::uint64_t number, Direction direction = Direction::ascending) {
  return {Key(Uuid{1, number}), Cursor::ByValue{"size", direction, std::move(value)}};
}

TEST(Cursor, ComesBackFromItsText) {
  const std::vector<Cursor> cursors{
      by_key(3),
      {Key("ada")},
      by_value(std::int64_t{0}, 1),
      by_value(std::int64_t{-1}, 2, Direction::descending),
      by_value(INT64_MIN, 2),
      by_value(INT64_MAX, 2),
      by_value(std::string(), 3),
      by_value(std::string("\0\xff", 2), 3, Direction::descending),
      by_value(std::string(100'000, 'x'), 3),
      by_value(Bytes{}, 4),
      by_value(Bytes{std::byte{0}, std::byte{9}}, 4),
      {Key("{ada}/3"), Cursor::ByValue{"", Direction::ascending, std::int64_t{1}}},
  };
  for (const Cursor& cursor : cursors) {
    const std::string text = to_text(cursor);
    EXPECT_EQ(Text::from_text(text), cursor) << text;
    EXPECT_EQ(std::ranges::count_if(cursors, [&](const Cursor& other) { return to_text(other) == text; }), 1);
  }
}

TEST(Cursor, IsTheKeyAloneInTheOrderOfKeys) {
  EXPECT_EQ(to_text(by_key(3)), "AQAAAAAAAAABAAAAAAAAAAM") << "clients keep cursors across versions";
  const std::string octets = Key(Uuid{1, 3}).to_bytes();
  const auto* first = reinterpret_cast<const std::byte*>(octets.data());
  EXPECT_EQ(by_key(3).to_bytes(), Bytes(first, first + octets.size()));
}

TEST(Cursor, IsNothingWhereItsOctetsEndEarlyOrSayNothing) {
  for (const auto& whole : {by_value(std::int64_t{7}, 1), by_value(std::string("pear"), 1), by_value(Bytes(3), 1)}) {
    const Bytes octets = whole.to_bytes();
    for (std::size_t size = 0; size < octets.size(); ++size) {
      EXPECT_FALSE(Cursor::from_bytes(std::span(octets).first(size))) << size;
    }
    Bytes other = octets;
    other[6] = std::byte{9};  // what the value is: behind the direction and the index's name
    EXPECT_FALSE(Cursor::from_bytes(other));
    other = octets;
    other.push_back(std::byte{0});
    EXPECT_FALSE(Cursor::from_bytes(other)) << "an id has sixteen octets";
  }
  for (const auto* text : {"", "A", "AA", "AQ", "Aw", "BA", "BAD_____", "=", "AwAA", "BQAA"}) {
    EXPECT_FALSE(Text::from_text(text)) << text;
  }
}

using Part = detail::DirectoryPart<Page<std::string>>;

/// What a database with these rows answers to whoever wants so many after a cursor.
Part part_of(const std::vector<Cursor>& rows, std::size_t limit, Direction direction,
             const std::optional<Cursor>& from) {
  std::vector<Cursor> sorted = rows;
  const auto place = [](const Cursor& row) { return std::pair(row.by->value, row.key); };
  const auto before = [&](const Cursor& a, const Cursor& b) {
    return direction == Direction::ascending ? place(a) < place(b) : place(b) < place(a);
  };
  std::ranges::sort(sorted, before);
  Part part;
  part.trace.limit = static_cast<std::uint32_t>(limit);
  part.trace.direction = direction;
  for (const Cursor& row : sorted) {
    if (from && !before(*from, row)) continue;
    if (part.reply.items.size() == limit) {
      part.reply.next_cursor = part.trace.places.back();
      break;
    }
    part.reply.items.push_back(to_text(row));
    part.trace.places.push_back(row);
  }
  return part;
}

RC_GTEST_PROP(Merging, GivesThePagesThatOneDatabaseWouldGive, ()) {
  const auto direction = *rc::gen::element(Direction::ascending, Direction::descending);
  const auto limit = *rc::gen::inRange<std::size_t>(1, 5);
  std::vector<Cursor> all;
  std::vector<std::vector<Cursor>> shared(3);
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 12);
  for (std::uint64_t number = 0; number < count; ++number) {
    all.push_back(by_value(*rc::gen::inRange<std::int64_t>(-1, 2), number, direction));
    shared[*rc::gen::inRange<std::size_t>(0, 3)].push_back(all.back());
  }
  std::optional<Cursor> from;
  do {
    std::vector<Part> parts;
    for (const auto& rows : shared) parts.push_back(part_of(rows, limit, direction, from));
    const auto whole = part_of(all, limit, direction, from).reply;
    const auto merged = detail::merge_parts(std::move(parts));
    RC_ASSERT(merged.items == whole.items);
    RC_ASSERT(merged.next_cursor == whole.next_cursor);
    from = whole.next_cursor;
  } while (from);
}

PageTrace trace_of(std::vector<Cursor> places, Direction direction = Direction::ascending) {
  PageTrace trace;
  trace.places = std::move(places);
  trace.direction = direction;
  return trace;
}

TEST(Merging, TellsPartsOfDifferentOrdersApart) {
  const auto one_order = [](const PageTrace& a, const PageTrace& b) {
    const std::vector<const PageTrace*> traces{&a, &b};
    return detail::have_one_order(traces);
  };
  const auto ascending = trace_of({by_value(std::int64_t{1}, 1)});
  const auto named = trace_of({{Key("a"), Cursor::ByValue{"name", Direction::ascending, std::int64_t{1}}}});
  EXPECT_TRUE(one_order(ascending, trace_of({by_value(std::int64_t{2}, 2)})));
  EXPECT_TRUE(one_order(trace_of({by_key(1)}), trace_of({by_key(2), by_key(3)})));
  EXPECT_TRUE(one_order(ascending, trace_of({}, Direction::descending))) << "nothing has no order";
  EXPECT_FALSE(one_order(ascending, named));
  EXPECT_FALSE(one_order(ascending, trace_of({by_key(1)})));
  EXPECT_FALSE(one_order(trace_of({by_key(1)}), trace_of({by_key(2)}, Direction::descending)));
  EXPECT_FALSE(one_order(ascending, trace_of({by_value(std::string("x"), 1)})));
  EXPECT_FALSE(one_order(ascending, trace_of({by_value(std::int64_t{2}, 2, Direction::descending)})));
}

}  // namespace
}  // namespace troupe
