// The text forms of ids, times, durations and bytes: tables of good and bad texts.
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_set>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/fault.hpp>
#include <troupe/wire/hex.hpp>
#include <troupe/wire/id.hpp>
#include <troupe/wire/time.hpp>

namespace troupe {
namespace {

using OrderId = Id<"order">;

TEST(Time, WritesAndReadsTheSameText) {
  const std::pair<std::int64_t, std::string> table[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {1'795'231'481'007, "2026-11-21T03:24:41.007Z"},
      {951'827'696'789, "2000-02-29T12:34:56.789Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {-62'167'219'200'000, "0000-01-01T00:00:00.000Z"},
      {253'402'300'799'999, "9999-12-31T23:59:59.999Z"},
  };
  for (const auto& [milliseconds, text] : table) {
    const Time time{Duration{milliseconds}};
    EXPECT_EQ(to_text(time), text);
    EXPECT_EQ(parse_time(text), time) << text;
  }
}

TEST(Time, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T03:24:41Z", "2026-11-21T03:24:41.0Z", "2026-11-21T03:24:41.0000Z",
        "2026-11-21t03:24:41.000z", "2026-11-21 03:24:41.000Z", "2026-11-21T03:24:41.000+00:00",
        "2026-13-21T03:24:41.000Z", "2026-00-21T03:24:41.000Z", "2026-02-29T03:24:41.000Z", "2026-11-00T03:24:41.000Z",
        "2026-11-21T24:00:00.000Z", "2026-11-21T03:60:41.000Z", "2026-11-21T03:24:60.000Z", "-026-11-21T03:24:41.000Z",
        "2026-11-21T03:24:41.000Z ", "12026-11-21T03:24:41.00Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(Time, HasNoTextOutsideFourDigitYears) {
  EXPECT_THROW(to_text(wire::last_time + Duration{1}), std::out_of_range);
  EXPECT_THROW(to_text(wire::first_time - Duration{1}), std::out_of_range);
}

TEST(Duration, IsWrittenInTheLargestExactUnit) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::pair<std::int64_t, std::string> table[] = {
      {250, "250ms"},   {2'000, "2s"},       {90'000, "90s"},
      {900'000, "15m"}, {43'200'000, "12h"}, {604'800'000, "7d"},
      {0, "0s"},        {-1'500, "-1500ms"}, {most, std::to_string(most) + "ms"},
  };
  for (const auto& [milliseconds, text] : table) {
    EXPECT_EQ(to_text(Duration{milliseconds}), text);
    EXPECT_EQ(parse_duration(text), Duration{milliseconds}) << text;
  }
}

TEST(Duration, RefusesEveryOtherForm) {
  for (const char* text : {"", "5", "ms", "1.5s", "5 s", " 5s", "+5s", "5S", "5w", "5ss", "1h30m", "-", "-s",
                           "9223372036854775808ms", "9223372036854775807s", "0x5s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Bytes, AreBase64urlWithoutPadding) {
  const std::pair<std::string, std::string> table[] = {{"", ""},        {"f", "Zg"},        {"fo", "Zm8"},
                                                       {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xfb\xff\xbf", "-_-_"}};
  for (const auto& [octets, text] : table) {
    Bytes bytes;
    for (char c : octets) bytes.push_back(static_cast<std::byte>(c));
    EXPECT_EQ(to_base64url(bytes), text);
    EXPECT_EQ(parse_base64url(text), bytes) << text;
  }
  for (const char* text : {"Z", "Zg==", "Zg=", "Zh", "Zm9", "+/+/", "Zm 9v", "Zm9v\n", "Zm9vYh"}) {
    EXPECT_EQ(parse_base64url(text), std::nullopt) << text;
  }
}

TEST(Id, IsWrittenInTwentySixCharacters) {
  const std::pair<Uuid, std::string> table[] = {
      {{}, "00000000000000000000000000"},
      {{0, 1}, "00000000000000000000000001"},
      {{0, 31}, "0000000000000000000000000z"},
      {{1, 0}, "0000000000000g000000000000"},
      {{~std::uint64_t{0}, ~std::uint64_t{0}}, "7zzzzzzzzzzzzzzzzzzzzzzzzz"},
      {{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210}, "014d2pf2dbsqqzxq5tk1v58cgg"},
  };
  for (const auto& [uuid, text] : table) {
    EXPECT_EQ(to_text(uuid), text);
    EXPECT_EQ(parse_uuid(text), uuid) << text;
  }
}

TEST(Id, RefusesEveryOtherForm) {
  for (const char* text : {"", "0", "0000000000000000000000000", "000000000000000000000000000",
                           "80000000000000000000000000", "0000000000000000000000000Z", "0000000000000000000000000u",
                           "0000000000000000000000000l", "000000000000 0000000000000", "-0000000000000000000000000"}) {
    EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
    EXPECT_EQ(parse_id<OrderId>(text), std::nullopt) << text;
  }
}

TEST(Id, OrdersAlikeAsValueBytesAndText) {
  const Uuid ids[] = {{0, 5}, {0, ~std::uint64_t{0}}, {1, 0}, {0x80'00'00'00'00'00'00'00, 3}, {~std::uint64_t{0}, 0}};
  for (std::size_t i = 1; i < std::size(ids); ++i) {
    EXPECT_LT(ids[i - 1], ids[i]);
    EXPECT_LT(to_text(ids[i - 1]), to_text(ids[i]));
    EXPECT_LT(to_bytes(ids[i - 1]), to_bytes(ids[i]));
    EXPECT_EQ(uuid_from_bytes(to_bytes(ids[i])), ids[i]);
  }
}

TEST(Id, GrowsWhileTheClockStandsStillOrStepsBack) {
  UuidSequence sequence;
  const Time start{Duration{1'795'231'481'007}};
  Uuid last;
  std::unordered_set<Uuid> seen;
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = sequence.next(i % 3 == 0 ? start - Duration{i} : start, ~std::uint64_t(i));
    EXPECT_LT(last, next);
    EXPECT_TRUE(seen.insert(next).second);
    last = next;
  }
}

TEST(Id, CarriesTimeVersionAndVariant) {
  const Uuid uuid = make_uuid(Time{Duration{0x0123'4567'89ab}}, 0xfff, ~std::uint64_t{0});
  EXPECT_EQ(uuid.high, 0x0123'4567'89ab'7fffu);
  EXPECT_EQ(uuid.low, 0xbfff'ffff'ffff'ffffu);
}

TEST(Hex, IsTwoDigitsAnOctetBehindWhatIsThere) {
  std::string text = "x";
  append_hex(text, std::array<std::uint8_t, 4>{0x00, 0x0f, 0xa0, 0xff});
  EXPECT_EQ(text, "x000fa0ff");
}

TEST(Fault, SpellsAPointerWithEscapes) {
  const wire::Path root;
  const wire::Path items(root, "items");
  const wire::Path second(items, std::size_t{1});
  const wire::Path odd(second, "a/b~c");
  EXPECT_EQ(root.pointer(), "");
  EXPECT_EQ(odd.pointer(), "/items/1/a~1b~0c");
}

}  // namespace
}  // namespace troupe
