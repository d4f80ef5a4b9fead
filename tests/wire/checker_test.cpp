#include <troupe/wire/checker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <troupe/wire/validate.hpp>

namespace troupe::wire::checked {
namespace {

bool is_capitals(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

struct Price {
  std::int64_t amount = 0;
  std::string currency = "USD";

  static void check(Checker<Price>& c) {
    c.field(&Price::amount).range(0, 9'000'000'000);
    c.field(&Price::currency).matches(is_capitals, "three capital letters");
  }
};

struct Line {
  std::string product = "p";
  std::uint32_t quantity = 1;

  static void check(Checker<Line>& c) { c.field(&Line::quantity).range(1, 10'000); }
};

struct Card {
  std::string number;
  static void check(Checker<Card>& c) {
    c.field(&Card::number).length(4, 4).matches([](std::string_view text) { return text != "0000"; }, "a real card");
  }
};

struct Order {
  std::string name = "n";
  std::optional<std::string> note;
  std::vector<Line> items = {Line{}};
  std::optional<Price> price;
  std::map<std::string, Price> extras;
  std::variant<std::monostate, Card> payment;
  Bytes secret = Bytes(8);
  std::vector<std::string> tags;
  Duration wait = Duration{1000};
  double ratio = 0.5;
  std::uint64_t big = 0;
  std::vector<std::optional<std::uint8_t>> marks;

  static void check(Checker<Order>& c) {
    c.field(&Order::name).length(1, 5);
    c.field(&Order::note).length(0, 3);
    c.field(&Order::items).items(1, 2);
    c.field(&Order::secret).bytes(8, 256);
    c.field(&Order::tags).items(0, 2).each().length(1, 2);
    c.field(&Order::wait).range(Duration{1000}, Duration{60'000});
    c.field(&Order::ratio).range(0, 1);
    c.field(&Order::big).range(0, std::numeric_limits<std::int64_t>::max() - 1);
    c.field(&Order::marks).each().range(1, 5);
  }
};

std::vector<Fault> faults_of(const Order& order) {
  std::vector<Fault> faults;
  validate(order, faults);
  return faults;
}

template <class Change>
std::vector<Fault> faults_after(Change change) {
  Order order;
  change(order);
  return faults_of(order);
}

using Faults = std::vector<Fault>;

TEST(Checker, AcceptsAValueAtItsLimits) {
  Order order;
  EXPECT_EQ(faults_of(order), Faults{});
  order.name = "ÄÖÜß€";  // five characters, eleven bytes
  order.note = "";
  order.items = {{"a", 1}, {"b", 10'000}};
  order.price = Price{9'000'000'000, "EUR"};
  order.payment = Card{"1234"};
  order.tags = {"a", "€€"};
  order.ratio = 1;
  order.marks = {std::nullopt, 5};
  EXPECT_EQ(faults_of(order), Faults{});
}

TEST(Checker, NamesEveryBrokenRuleByItsPointer) {
  struct Row {
    void (*change)(Order&);
    Fault fault;
  };
  const Row table[] = {
      {[](Order& o) { o.name = ""; }, {"/name", "must have 1 to 5 characters"}},
      {[](Order& o) { o.name = "123456"; }, {"/name", "must have 1 to 5 characters"}},
      {[](Order& o) { o.note = "1234"; }, {"/note", "must have at most 3 characters"}},
      {[](Order& o) { o.items = {}; }, {"/items", "must have 1 to 2 items"}},
      {[](Order& o) { o.items[0].quantity = 0; }, {"/items/0/quantity", "must be from 1 to 10000"}},
      {[](Order& o) { o.price = Price{-1, "USD"}; }, {"/price/amount", "must be from 0 to 9000000000"}},
      {[](Order& o) { o.price = Price{1, "usd"}; }, {"/price/currency", "must be three capital letters"}},
      {[](Order& o) { o.extras["a/b"].amount = -1; }, {"/extras/a~1b/amount", "must be from 0 to 9000000000"}},
      {[](Order& o) { o.payment = Card{"12345"}; }, {"/payment/card/number", "must have exactly 4 characters"}},
      {[](Order& o) { o.payment = Card{"0000"}; }, {"/payment/card/number", "must be a real card"}},
      {[](Order& o) { o.secret.resize(7); }, {"/secret", "must have 8 to 256 bytes"}},
      {[](Order& o) { o.tags = {"a", ""}; }, {"/tags/1", "must have 1 to 2 characters"}},
      {[](Order& o) { o.wait = Duration{60'001}; }, {"/wait", "must be from 1s to 1m"}},
      {[](Order& o) { o.ratio = 1.5; }, {"/ratio", "must be from 0 to 1"}},
      {[](Order& o) { o.ratio = std::numeric_limits<double>::quiet_NaN(); }, {"/ratio", "must be from 0 to 1"}},
      {[](Order& o) { o.big = std::numeric_limits<std::uint64_t>::max(); },
       {"/big", "must be from 0 to 9223372036854775806"}},
      {[](Order& o) { o.marks = {std::nullopt, 6}; }, {"/marks/1", "must be from 1 to 5"}},
  };
  for (const Row& row : table) EXPECT_EQ(faults_after(row.change), Faults{row.fault}) << row.fault.pointer;
}

TEST(Checker, ReportsAllFaultsAtOnce) {
  Order order;
  order.name = "";
  order.items = {{"a", 0}, {"b", 10'001}};
  EXPECT_THAT(faults_of(order), testing::ElementsAre(Fault{"/name", "must have 1 to 5 characters"},
                                                     Fault{"/items/0/quantity", "must be from 1 to 10000"},
                                                     Fault{"/items/1/quantity", "must be from 1 to 10000"}));
}

TEST(Checker, GivesItsRulesAsData) {
  const TypeRules& rules = rules_of<Order>();
  ASSERT_EQ(rules.size(), field_count<Order>);
  EXPECT_EQ(rules[0].length->most, 5u);
  EXPECT_EQ(rules[2].items->least, 1u);
  EXPECT_FALSE(rules[4].items.has_value());
  EXPECT_EQ(rules_of<Price>()[1].must_be, "three capital letters");
  EXPECT_TRUE(rules_of<std::monostate>().empty());
}

TEST(Checker, StopsCollectingAtTheLimit) {
  Order order;
  order.items.assign(max_faults + 10, Line{"a", 0});
  EXPECT_EQ(faults_of(order).size(), max_faults);
}

}  // namespace
}  // namespace troupe::wire::checked
