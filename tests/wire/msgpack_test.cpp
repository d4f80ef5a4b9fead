#include <troupe/wire/msgpack.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/wire/samples.hpp"

namespace troupe::wire::as_msgpack {
namespace {

using samples::Card;
using samples::Color;
using samples::Line;
using samples::OrderId;

Bytes octets(std::string_view text) {
  Bytes bytes;
  for (char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

std::string hex(const Bytes& bytes) {
  std::string text;
  for (std::byte b : bytes) {
    text += "0123456789abcdef"[std::to_integer<int>(b) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(b) & 15];
  }
  return text;
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

template <class T>
void expect_both(const T& value, std::string_view positional, std::string_view keyed) {
  EXPECT_EQ(hex(to_msgpack(value)), positional);
  EXPECT_EQ(hex(to_msgpack(value, Encoding::keyed)), keyed);
  const auto by_position = from_msgpack<T>(from_hex(positional));
  const auto by_key = from_msgpack<T>(from_hex(keyed), Encoding::keyed);
  ASSERT_TRUE(by_position) << positional << " " << by_position.faults().front().detail;
  ASSERT_TRUE(by_key) << keyed << " " << by_key.faults().front().detail;
  EXPECT_EQ(*by_position, value);
  EXPECT_EQ(*by_key, value);
}

template <class T>
void expect_same(const T& value, std::string_view encoded) {
  expect_both(value, encoded, encoded);
}

TEST(Msgpack, WritesAndReadsEveryShape) {
  expect_same(true, "c3");
  expect_same(std::int8_t{-1}, "ff");
  expect_same(std::uint8_t{200}, "ccc8");
  expect_same(std::int64_t{7}, "07");
  expect_same(std::numeric_limits<std::int64_t>::min(), "d38000000000000000");
  expect_same(std::numeric_limits<std::uint64_t>::max(), "cfffffffffffffffff");
  expect_same(0.5, "cb3fe0000000000000");
  expect_same(0.5f, "ca3f000000");
  expect_same(std::numeric_limits<double>::infinity(), "cb7ff0000000000000");
  expect_same(std::string("aé"), "a361c3a9");
  expect_same(Bytes{std::byte{1}}, "c40101");
  expect_same(Time{Duration{1'000}}, "cd03e8");
  expect_same(Duration{-1}, "ff");
  expect_same(OrderId{{1, 2}}, "c41000000000000000010000000000000002");
  expect_same(samples::Cursor{7}, "a26337");
  expect_same(std::optional<int>{}, "c0");
  expect_same(std::optional<int>{5}, "05");
  expect_same(std::vector<std::optional<int>>{1, std::nullopt}, "9201c0");
  expect_same(std::array<int, 2>{1, 2}, "920102");
  expect_same(std::set<int>{2, 1}, "920102");
  expect_same(std::map<int, bool>{{1, true}}, "8101c3");
  expect_same(std::map<std::string, int>{{"a", 1}}, "81a16101");
  expect_both(Color::green, "01", "a5677265656e");
  expect_both(Line{"p", 2}, "92a17002", "82a770726f64756374a170a87175616e7469747902");
  expect_both(std::monostate{}, "90", "80");
  expect_both(std::variant<std::monostate, Card>{Card{"4"}}, "920191a134", "81a46361726481a66e756d626572a134");
}

TEST(Msgpack, CarriesNotANumber) {
  const auto decoded = from_msgpack<double>(to_msgpack(std::numeric_limits<double>::quiet_NaN()));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(std::isnan(*decoded));
}

struct Old {
  std::int32_t kept = 0;
  std::string dropped;
};

struct New {
  std::optional<std::string> added;
  std::int32_t kept = 0;
};

TEST(Msgpack, BridgesCompatibleSchemasWhenKeyed) {
  const auto newer = from_msgpack<New>(to_msgpack(Old{5, "x"}, Encoding::keyed), Encoding::keyed);
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->kept, 5);
  EXPECT_EQ(newer->added, std::nullopt);
  const auto older = from_msgpack<Old>(to_msgpack(New{"y", 6}, Encoding::keyed), Encoding::keyed);
  EXPECT_THAT(older.faults(), testing::ElementsAre(Fault{"/dropped", "is required"}));
}

template <class T>
std::string detail_of(std::string_view encoded, Encoding encoding = Encoding::positional) {
  const auto decoded = from_msgpack<T>(from_hex(encoded), encoding);
  if (decoded) return "none";
  EXPECT_EQ(decoded.faults().size(), 1u) << encoded;
  return decoded.faults().front().pointer + " " + decoded.faults().front().detail;
}

TEST(Msgpack, RefusesWhatIsNotTheType) {
  EXPECT_EQ(detail_of<int>("a131"), " must be an integer");
  EXPECT_EQ(detail_of<int>("cb3ff0000000000000"), " must be an integer");
  EXPECT_EQ(detail_of<std::int8_t>("cc80"), " must be from -128 to 127");
  EXPECT_EQ(detail_of<std::uint16_t>("ff"), " must be from 0 to 65535");
  EXPECT_EQ(detail_of<bool>("01"), " must be true or false");
  EXPECT_EQ(detail_of<std::string>("c40161"), " must be a string");
  EXPECT_EQ(detail_of<std::string>("a1ff"), " must be valid UTF-8");
  EXPECT_EQ(detail_of<Bytes>("a161"), " must be bytes");
  EXPECT_EQ(detail_of<OrderId>("c40101"), " must be an id");
  EXPECT_EQ(detail_of<OrderId>("a161"), " must be an id");
  EXPECT_EQ(detail_of<Time>("cfffffffffffffffff"), " must be from -62167219200000 to 253402300799999");
  EXPECT_EQ(detail_of<Color>("03"), " must be from 0 to 2");
  EXPECT_EQ(detail_of<Color>("a470696e6b", Encoding::keyed), " must be one of red, green, dark_blue");
  EXPECT_EQ(detail_of<Line>("91a170"), " must have exactly 2 fields");
  EXPECT_EQ(detail_of<Line>("93a1700203"), " must have exactly 2 fields");
  EXPECT_EQ(detail_of<Line>("92a170c0"), "/quantity is required");
  EXPECT_EQ(detail_of<Line>("80"), " must be an array");
  EXPECT_EQ(detail_of<Line>("90", Encoding::keyed), " must be an object");
  EXPECT_EQ(detail_of<Line>("83a170a170a770726f64756374a170a87175616e74697479a131", Encoding::keyed),
            "/quantity must be an integer");
  EXPECT_EQ((detail_of<std::variant<std::monostate, Card>>("920290")), " must be from 0 to 1");
  EXPECT_EQ((detail_of<std::variant<std::monostate, Card>>("9100")),
            " must be an object with one field, named one of monostate, card");
  EXPECT_EQ((detail_of<std::map<int, int>>("8201020103")), "/1 is given twice");
  EXPECT_EQ((detail_of<std::set<int>>("920101")), "/1 repeats an earlier item");
}

TEST(Msgpack, RefusesMalformedOctets) {
  EXPECT_EQ(detail_of<int>(""), " ends too early");
  EXPECT_EQ(detail_of<int>("cd01"), " ends too early");
  EXPECT_EQ(detail_of<std::string>("a261"), " ends too early");
  EXPECT_EQ(detail_of<int>("c1"), " is not MessagePack");
  EXPECT_EQ(detail_of<int>("0101"), " is followed by more octets");
  EXPECT_EQ(detail_of<int>("d40100"), " holds an extension type");
  // Lengths of four thousand million, with nothing behind them.
  for (const char* bomb :
       {"ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff", "ddffffffffddffffffff", "c9ffffffff00"}) {
    EXPECT_EQ(detail_of<std::vector<int>>(bomb), " ends too early") << bomb;
  }
}

TEST(Msgpack, KeepsItsLimits) {
  std::string nested(64, '\x91');
  nested += '\x90';
  const auto too_deep = from_msgpack<int>(octets(nested));
  EXPECT_THAT(too_deep.faults(), testing::ElementsAre(Fault{"", "is nested deeper than 64 levels"}));
  EXPECT_THAT(from_msgpack<int>(octets(nested.substr(1))).faults(),
              testing::ElementsAre(Fault{"", "must be an integer"}));
  EXPECT_THAT(from_msgpack<int>(octets(std::string(1'000'000, '\x91'))).faults(),
              testing::ElementsAre(Fault{"", "is nested deeper than 64 levels"}));
  EXPECT_THAT(from_msgpack<std::string>(octets("\xa1x"), Encoding::positional, {.max_bytes = 1}).faults(),
              testing::ElementsAre(Fault{"", "is larger than 1 bytes"}));
}

TEST(Msgpack, KeepsItsTextsWhereverADocumentGoes) {
  constexpr std::size_t longest = 64;
  std::array<Bytes, longest + 1> encoded;  // they stay: texts and bytes are read in place
  std::vector<detail::Document> documents;
  for (std::size_t size = 0; size <= longest; ++size) {
    encoded[size] = to_msgpack(std::map<std::string, Bytes>{{std::string(size, 'k'), Bytes(size, std::byte{'b'})}});
    std::vector<Fault> faults;
    auto document = detail::parse_msgpack(encoded[size], {}, faults);
    ASSERT_TRUE(document) << size;
    // Moved by this, and again whenever the vector grows.
    documents.push_back(std::move(*document));
  }
  for (std::size_t size = 0; size <= longest; ++size) {
    const detail::Node* key = documents[size].root().first_child();
    EXPECT_EQ(key->view(), std::string(size, 'k'));
    EXPECT_EQ(key->next()->view(), std::string(size, 'b'));
  }
}

TEST(Msgpack, PointsAtNamesOfEverySize) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const std::string name(size, 'k');
    const Bytes encoded = to_msgpack(std::map<std::string, std::string>{{name, "x"}}, Encoding::keyed);
    const auto read = from_msgpack<std::map<std::string, int>>(encoded, Encoding::keyed);
    EXPECT_THAT(read.faults(), testing::ElementsAre(Fault{'/' + name, "must be an integer"}));
  }
}

TEST(Msgpack, CannotWriteAnEnumWithoutEnumerator) {
  EXPECT_THROW(to_msgpack(static_cast<Color>(9)), std::invalid_argument);
}

}  // namespace
}  // namespace troupe::wire::as_msgpack
