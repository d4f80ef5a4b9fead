#include <troupe/wire/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/wire/samples.hpp"

namespace troupe::wire::as_json {
namespace {

using samples::Card;
using samples::Color;
using samples::Line;
using samples::OrderId;
using samples::Place;

template <class T>
std::vector<Fault> faults_of(std::string_view text) {
  return from_json<T>(text).faults();
}

template <class T>
struct Field {
  T value{};
  bool operator==(const Field&) const = default;
};

template <class T>
std::string detail_of(std::string_view value) {
  const auto faults = faults_of<Field<T>>(std::string(R"({"value":)").append(value).append("}"));
  if (faults.empty()) return "none";
  EXPECT_EQ(faults.size(), 1u) << value;
  return faults.front().pointer + " " + faults.front().detail;
}

template <class T>
void expect_same(const T& value, std::string_view text) {
  EXPECT_EQ(to_json(value), text);
  const Decoded<T> decoded = from_json<T>(text);
  ASSERT_TRUE(decoded) << text << ": " << decoded.faults().front().pointer << " " << decoded.faults().front().detail;
  EXPECT_EQ(*decoded, value) << text;
}

template <class T>
void expect_field(const T& value, std::string_view text) {
  expect_same(Field<T>{value}, std::string(R"({"value":)").append(text).append("}"));
}

TEST(Json, WritesAndReadsEveryShape) {
  expect_field(true, "true");
  expect_field(std::int8_t{-128}, "-128");
  expect_field(std::uint8_t{255}, "255");
  expect_field(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
  expect_field(std::numeric_limits<std::int64_t>::max(), "9223372036854775807");
  expect_field(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
  expect_field(0.1, "0.1");
  expect_field(-0.0, "-0.0");
  expect_field(5e-324, "5e-324");
  expect_field(1.7976931348623157e308, "1.7976931348623157e+308");
  expect_field(3.4028235e38f, "3.4028235e+38");
  expect_field(std::string("a\"\\\b\f\n\r\t\x01 \x1f/€😀"), R"("a\"\\\b\f\n\r\t\u0001 \u001f/€😀")");
  expect_field(std::string("nul\0inside", 10), R"("nul\u0000inside")");
  expect_field(Bytes{std::byte{0xfb}, std::byte{0xff}}, R"("-_8")");
  expect_field(Time{Duration{1'795'231'481'007}}, R"("2026-11-21T03:24:41.007Z")");
  expect_field(Duration{900'000}, R"("15m")");
  expect_field(OrderId{{0, 31}}, R"("0000000000000000000000000z")");
  expect_field(Color::dark_blue, R"("dark_blue")");
  expect_field(std::optional<int>{}, "null");
  expect_field(std::optional<int>{5}, "5");
  expect_field(std::vector<int>{}, "[]");
  expect_field(std::vector<std::optional<int>>{1, std::nullopt}, "[1,null]");
  expect_field(std::vector<bool>{true, false}, "[true,false]");
  expect_field(std::array<int, 2>{1, 2}, "[1,2]");
  expect_field(std::set<std::string>{"a", "b"}, R"(["a","b"])");
  expect_field(std::map<std::string, int>{{"", 1}, {"a\"b", 2}}, R"({"":1,"a\"b":2})");
  expect_field(std::map<OrderId, int>{{OrderId{{0, 1}}, 2}}, R"({"00000000000000000000000001":2})");
  expect_field(std::map<std::int32_t, int>{{-5, 1}, {7, 2}}, R"({"-5":1,"7":2})");
  expect_field(std::variant<std::monostate, Card, std::string>{}, R"({"monostate":{}})");
  expect_field(std::variant<std::monostate, Card, std::string>{Card{"4242"}}, R"({"card":{"number":"4242"}})");
  expect_field(std::variant<std::monostate, Card, std::string>{"x"}, R"({"string":"x"})");
  expect_field(samples::Cursor{7}, R"("c7")");
}

TEST(Json, WritesAndReadsAnAggregateWhole) {
  expect_same(std::monostate{}, "{}");
  expect_same(Place{{{"p-1", 2}, {"p-2", 1}}, "hi", std::nullopt},
              R"({"items":[{"product":"p-1","quantity":2},{"product":"p-2","quantity":1}],"note":"hi","color":null})");
  expect_same(samples::Tree{{samples::Tree{}, samples::Tree{{samples::Tree{}}}}},
              R"({"children":[{"children":[]},{"children":[{"children":[]}]}]})");
}

TEST(Json, ReadsFieldsInAnyOrderWithSpaceAndEscapes) {
  const auto place = from_json<Place>(
      " { \"note\" : \"\\u00e9\\ud83d\\ude00\\/\" ,\n\t\"\\u0069tems\": [ ] , "
      "\"color\":\"red\" }\r\n");
  // The list is empty, which the rules of Place refuse: everything else is well read.
  EXPECT_THAT(place.faults(), testing::ElementsAre(Fault{"/items", "must have 1 to 3 items"}));
  const auto stored = from_stored_json<Place>(R"({"note":"\u00e9\ud83d\ude00\/"})");
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->note, "é😀/");
}

TEST(Json, ReadsEscapesInTextsOfEverySize) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const std::string plain(size, 'x');
    const auto text = from_json<std::string>('"' + plain + R"(\/")");
    ASSERT_TRUE(text) << size;
    EXPECT_EQ(*text, plain + '/');
    EXPECT_THAT(faults_of<std::monostate>(R"({")" + plain + R"(\/":1})"),
                testing::ElementsAre(Fault{'/' + plain + "~1", "is not a known field"}));
    const auto map = from_json<std::map<std::string, std::string>>(R"({")" + plain + R"(\/":"\/)" + plain + R"("})");
    ASSERT_TRUE(map) << size;
    EXPECT_THAT(*map, testing::ElementsAre(testing::Pair(plain + '/', '/' + plain)));
  }
}

TEST(Json, KeepsItsTextsWhereverADocumentGoes) {
  constexpr std::size_t longest = 64;
  std::array<std::string, longest + 1> texts;  // they stay: what has no escapes is read in place
  std::vector<detail::JsonDocument> documents;
  for (std::size_t size = 0; size <= longest; ++size) {
    texts[size] = R"({"\n)" + std::string(size, 'k') + R"(":"\n)" + std::string(size, 'v') + R"("})";
    std::vector<Fault> faults;
    auto document = detail::parse_json(texts[size], {}, faults);
    ASSERT_TRUE(document) << size;
    // Moved by this, and again whenever the vector grows.
    documents.push_back(std::move(*document));
  }
  for (std::size_t size = 0; size <= longest; ++size) {
    const detail::Node* key = documents[size].nodes.root().first_child();
    EXPECT_EQ(key->view(), '\n' + std::string(size, 'k'));
    EXPECT_EQ(key->next()->view(), '\n' + std::string(size, 'v'));
  }
}

TEST(Json, TakesNullForAbsent) {
  EXPECT_EQ(detail_of<std::optional<int>>("null"), "none");
  EXPECT_EQ(detail_of<int>("null"), "/value is required");
  EXPECT_TRUE(from_json<Field<std::optional<int>>>("{}"));
  EXPECT_THAT(faults_of<Field<int>>("{}"), testing::ElementsAre(Fault{"/value", "is required"}));
}

TEST(Json, RefusesAValueOfTheWrongKind) {
  EXPECT_EQ(detail_of<bool>("1"), "/value must be true or false");
  EXPECT_EQ(detail_of<bool>(R"("true")"), "/value must be true or false");
  EXPECT_EQ(detail_of<int>(R"("1")"), "/value must be an integer");
  EXPECT_EQ(detail_of<int>("1.5"), "/value must be an integer");
  EXPECT_EQ(detail_of<int>("1.0"), "/value must be an integer");
  EXPECT_EQ(detail_of<int>("1e2"), "/value must be an integer");
  EXPECT_EQ(detail_of<int>("true"), "/value must be an integer");
  EXPECT_EQ(detail_of<double>(R"("1")"), "/value must be a number");
  EXPECT_EQ(detail_of<std::string>("1"), "/value must be a string");
  EXPECT_EQ(detail_of<std::vector<int>>("{}"), "/value must be an array");
  EXPECT_EQ(detail_of<std::vector<int>>("[1,null]"), "/value/1 must be an integer");
  EXPECT_EQ((detail_of<std::array<int, 2>>("[1]")), "/value must have exactly 2 items");
  EXPECT_EQ(detail_of<std::set<int>>("[1,2,1]"), "/value/2 repeats an earlier item");
  EXPECT_EQ((detail_of<std::map<std::string, int>>("[]")), "/value must be an object");
  EXPECT_EQ(detail_of<Line>("[]"), "/value must be an object");
  EXPECT_EQ(detail_of<Color>(R"("pink")"), "/value must be one of red, green, dark_blue");
  EXPECT_EQ(detail_of<Color>("0"), "/value must be one of red, green, dark_blue");
  EXPECT_EQ(detail_of<Bytes>(R"("Zg==")"), "/value must be base64url without padding");
  EXPECT_EQ(detail_of<Time>(R"("2026-11-21")"), "/value must be a time like 2026-01-31T12:00:00.000Z");
  EXPECT_EQ(detail_of<Duration>(R"("5")"), "/value must be a duration like 250ms, 2s, 15m, 12h or 7d");
  EXPECT_EQ(detail_of<samples::Cursor>(R"("x")"), "/value must be a cursor");
  EXPECT_EQ(detail_of<OrderId>("5"), "/value must be a string");
}

TEST(Json, RefusesANumberOutOfRange) {
  EXPECT_EQ(detail_of<std::uint8_t>("256"), "/value must be from 0 to 255");
  EXPECT_EQ(detail_of<std::uint8_t>("-1"), "/value must be from 0 to 255");
  EXPECT_EQ(detail_of<std::int8_t>("-129"), "/value must be from -128 to 127");
  EXPECT_EQ(detail_of<std::int64_t>("9223372036854775808"),
            "/value must be from -9223372036854775808 to 9223372036854775807");
  EXPECT_EQ(detail_of<std::int64_t>("-9223372036854775809"),
            "/value must be from -9223372036854775808 to 9223372036854775807");
  EXPECT_EQ(detail_of<std::uint64_t>("18446744073709551616"), "/value must be from 0 to 18446744073709551615");
  EXPECT_EQ(detail_of<std::uint32_t>("99999999999999999999999999"), "/value must be from 0 to 4294967295");
  EXPECT_EQ(detail_of<double>("1e999"), "/value must be a number that is not too large");
  EXPECT_EQ(detail_of<float>("1e39"), "/value must be a number that is not too large");
}

TEST(Json, ReadsTheNearestNumber) {
  for (const char* text : {"0.1", "1e23", "9007199254740993", "2.2250738585072011e-308", "123456789.123456789",
                           "1e-400", "8.41e21", "5.0e-324"}) {
    const auto field = from_json<Field<double>>(std::string(R"({"value":)").append(text).append("}"));
    ASSERT_TRUE(field) << text;
    EXPECT_EQ(field->value, std::strtod(text, nullptr)) << text;
  }
}

TEST(Json, RefusesAVariantThatIsNotOneAlternative) {
  using Choice = std::variant<Card, std::string>;
  const std::string must = "must be an object with one field, named one of card, string";
  for (const char* text : {"{}", R"("card")", R"({"cash":{}})", R"({"card":{"number":"1"},"string":"x"})", "[]"}) {
    EXPECT_EQ(detail_of<Choice>(text), "/value " + must) << text;
  }
  EXPECT_EQ(detail_of<Choice>(R"({"card":{}})"), "/value/card/number is required");
}

TEST(Json, ReportsAllFaultsWithTheirPointers) {
  EXPECT_THAT(
      faults_of<Place>(R"({"items":[{"product":1,"quantity":-1},{"quantity":2,"a/b":0},5],
                                   "note":7,"color":"pink","extra":1,"note":"again"})"),
      testing::ElementsAre(Fault{"/extra", "is not a known field"}, Fault{"/note", "is given twice"},
                           Fault{"/items/0/product", "must be a string"},
                           Fault{"/items/0/quantity", "must be from 0 to 4294967295"},
                           Fault{"/items/1/a~1b", "is not a known field"}, Fault{"/items/1/product", "is required"},
                           Fault{"/items/2", "must be an object"}, Fault{"/note", "must be a string"},
                           Fault{"/color", "must be one of red, green, dark_blue"}));
}

TEST(Json, ChecksTheRulesOfTheTypes) {
  EXPECT_THAT(faults_of<Place>(R"({"items":[{"product":"","quantity":10001}],"note":"€€€€€€"})"),
              testing::ElementsAre(Fault{"/items/0/product", "must have 1 to 10 characters"},
                                   Fault{"/items/0/quantity", "must be from 1 to 10000"},
                                   Fault{"/note", "must have at most 5 characters"}));
}

TEST(Json, RefusesARepeatedKeyOfAMap) {
  EXPECT_EQ((detail_of<std::map<std::string, int>>(R"({"a":1,"\u0061":2})")), "/value/a is given twice");
  EXPECT_EQ((detail_of<std::map<int, int>>(R"({"x":1})")), "/value/x must be an integer");
  EXPECT_EQ((detail_of<std::map<OrderId, int>>(R"({"x":1})")), "/value/x must be an id");
}

TEST(Json, RefusesWhatIsNotJson) {
  const std::string samples[] = {"",
                                 " ",
                                 "{",
                                 "}",
                                 R"({"value":1)",
                                 R"({"value":1,})",
                                 R"({"value":01})",
                                 R"({"value":+1})",
                                 R"({"value":.5})",
                                 R"({"value":1.})",
                                 R"({"value":NaN})",
                                 R"({"value":Infinity})",
                                 R"({"value":0x1})",
                                 R"({value:1})",
                                 R"({'value':1})",
                                 R"({"value":1}})",
                                 R"({"value":1} x)",
                                 R"({"value":1} {"value":1})",
                                 "{\"value\":1}//c",
                                 "\xef\xbb\xbf{\"value\":1}",
                                 "{\"value\":\"\xff\"}",
                                 "{\"value\":\"\xc0\xaf\"}",
                                 "{\"value\":\"\xed\xa0\x80\"}",
                                 "{\"value\":\"a\nb\"}",
                                 R"({"value":"\ud800"})",
                                 R"({"value":"\x41"})",
                                 R"({"value":"\u12"})",
                                 R"({"value":tru})"};
  for (const std::string& text : samples) {
    const auto faults = faults_of<Field<int>>(text);
    ASSERT_EQ(faults.size(), 1u) << text;
    EXPECT_EQ(faults.front().pointer, "");
    EXPECT_THAT(faults.front().detail, testing::StartsWith("is not JSON: ")) << text;
  }
}

TEST(Json, KeepsItsLimits) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  const auto shallow = faults_of<Field<int>>(nested(32));
  EXPECT_THAT(shallow, testing::ElementsAre(Fault{"", "must be an object"}));
  EXPECT_THAT(faults_of<Field<int>>(nested(33)), testing::ElementsAre(Fault{"", "is nested deeper than 32 levels"}));
  EXPECT_THAT(faults_of<Field<int>>(nested(200'000)),
              testing::ElementsAre(Fault{"", "is nested deeper than 32 levels"}));
  EXPECT_THAT(from_json<Field<int>>(R"({"value":1})", {.max_bytes = 10}).faults(),
              testing::ElementsAre(Fault{"", "is larger than 10 bytes"}));
  EXPECT_TRUE(from_json<Field<int>>(R"({"value":1})", {.max_bytes = 11}));
}

TEST(Json, BoundsTheFaultsOfALargeDocument) {
  std::string text = R"({"value":[)";
  for (int i = 0; i < 5'000; ++i) text += "1,";
  text.back() = ']';
  text += '}';
  EXPECT_EQ(faults_of<Field<std::vector<std::string>>>(text).size(), max_faults);
}

TEST(Json, TakesATextThatIsNoIdForTheNilId) {
  for (const char* text : {R"({"value":""})", R"({"value":"nobody"})", R"({"value":"0000000000000000000000000Z"})"}) {
    const auto field = from_json<Field<OrderId>>(text);
    ASSERT_TRUE(field);
    EXPECT_TRUE(field->value.is_nil());
    EXPECT_THAT(from_stored_json<Field<OrderId>>(text).faults(),
                testing::ElementsAre(Fault{"/value", "must be an id"}));
  }
}

TEST(Json, ReadsStoredStateOfAnOlderVersion) {
  struct State {
    int kept = 0;
    std::string added = "default";
    std::optional<int> maybe = 5;
  };
  const auto state = from_stored_json<State>(R"({"kept":3,"removed":[1,{"x":2}]})");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->kept, 3);
  EXPECT_EQ(state->added, "default");
  EXPECT_EQ(state->maybe, 5);
  EXPECT_EQ(from_stored_json<State>(R"({"kept":"x"})").faults().front(), (Fault{"/kept", "must be an integer"}));
}

TEST(Json, CannotWriteWhatJsonCannotSay) {
  EXPECT_THROW(to_json(std::numeric_limits<double>::quiet_NaN()), std::invalid_argument);
  EXPECT_THROW(to_json(std::numeric_limits<float>::infinity()), std::invalid_argument);
  EXPECT_THROW(to_json(std::string("\xff")), std::invalid_argument);
  EXPECT_THROW(to_json(std::string("plain, then \xc3")), std::invalid_argument);
  EXPECT_THROW(to_json(static_cast<Color>(9)), std::invalid_argument);
}

TEST(Text, ReadsOneScalar) {
  EXPECT_EQ(*from_text<int>("-5"), -5);
  EXPECT_EQ(*from_text<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(*from_text<bool>("true"), true);
  EXPECT_EQ(*from_text<double>("0.5"), 0.5);
  EXPECT_EQ(*from_text<std::string>("5"), "5");
  EXPECT_EQ(*from_text<Color>("green"), Color::green);
  EXPECT_EQ(*from_text<Duration>("2s"), Duration{2000});
  EXPECT_EQ(*from_text<OrderId>("0000000000000000000000000z"), (OrderId{{0, 31}}));
  EXPECT_TRUE(from_text<OrderId>("x")->is_nil());
  EXPECT_EQ(from_text<samples::Cursor>("c9")->position, 9);
}

TEST(Text, RefusesWithAReason) {
  const auto detail = [](const auto& decoded) { return decoded.faults().at(0).detail; };
  for (const char* text : {"", " 1", "1 ", "+1", "0x1", "1.5", "1e3", "-", "one"}) {
    EXPECT_EQ(detail(from_text<std::uint8_t>(text)), "must be an integer") << text;
    EXPECT_EQ(detail(from_text<std::int64_t>(text)), "must be an integer") << text;
  }
  EXPECT_EQ(detail(from_text<std::uint8_t>("256")), "must be from 0 to 255");
  EXPECT_EQ(detail(from_text<std::uint8_t>("-1")), "must be from 0 to 255");
  EXPECT_EQ(detail(from_text<std::uint64_t>("99999999999999999999")), "must be from 0 to 18446744073709551615");
  EXPECT_EQ(detail(from_text<bool>("1")), "must be true or false");
  EXPECT_EQ(detail(from_text<double>("nan")), "must be a number that is not too large");
  EXPECT_EQ(detail(from_text<double>("x")), "must be a number");
  EXPECT_EQ(detail(from_text<std::string>("\xff")), "must be valid UTF-8");
  EXPECT_EQ(detail(from_text<Color>("pink")), "must be one of red, green, dark_blue");
  EXPECT_EQ(detail(from_text<samples::Cursor>("x")), "must be a cursor");
}

}  // namespace
}  // namespace troupe::wire::as_json
