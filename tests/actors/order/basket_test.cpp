#include <gtest/gtest.h>

#include "actors/order/basket.hpp"

namespace shop::order {
namespace {

using troupe::Failure;
using troupe::Outcome;
using troupe::Rejected;

constexpr ProductId tea{{1, 1}};
constexpr ProductId cup{{1, 2}};
constexpr ProductId pot{{1, 3}};

Item item(ProductId product, std::uint32_t quantity) { return {{product.value}, quantity}; }
Outcome<product::Reserved> at(std::int64_t amount, const char* currency = "USD") {
  return product::Reserved{"Tea", {amount, currency}, 1};
}
Outcome<product::Reserved> refused(const char* code) { return Rejected{code, "why"}; }

Outcome<std::vector<Line>> priced(std::vector<Outcome<product::Reserved>> answers) {
  std::vector<Quantity> wanted;
  for (std::uint64_t i = 0; i < answers.size(); ++i) wanted.push_back({ProductId{{1, i + 1}}, 2});
  return price(wanted, answers);
}

std::vector<Line> lines(const std::vector<Quantity>& quantities) {
  std::vector<Line> made;
  for (const auto& each : quantities) made.push_back({each.product, "Tea", {1, "USD"}, each.quantity});
  return made;
}

TEST(Basket, MergesAProductAtItsFirstPlace) {
  const auto merged = merge({item(tea, 1), item(cup, 2), item(tea, 3)});
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(*merged, (std::vector<Quantity>{{tea, 4}, {cup, 2}}));
}

TEST(Basket, PointsAtTheItemThatMakesTooMany) {
  const auto merged = merge({item(tea, 9'999), item(cup, 10'000), item(tea, 1), item(tea, 1)});
  ASSERT_TRUE(merged.rejected("invalid"));
  ASSERT_EQ(merged.failure().faults.size(), 1U);
  EXPECT_EQ(merged.failure().faults[0].pointer, "/items/3/quantity");
}

TEST(Basket, RefusesForTheFirstReasonThatCounts) {
  EXPECT_TRUE(priced({refused("out_of_stock"), at(1, "EUR"), at(1), refused("not_found")}).rejected("not_found"));
  EXPECT_TRUE(priced({refused("out_of_stock"), at(1, "EUR"), at(1)}).rejected("invalid"));
  EXPECT_TRUE(priced({at(1), refused("out_of_stock")}).rejected("out_of_stock"));
  EXPECT_TRUE(priced({at(1), Failure(Failure::Kind::unknown, "timeout")}).unknown());
}

TEST(Basket, TakesTheNamesAndPricesOfToday) {
  const auto made = priced({at(3), at(4)});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ((*made)[1], (Line{cup, "Tea", {4, "USD"}, 2}));
  EXPECT_EQ(total_of(*made), (Money{14, "USD"}));
}

TEST(Basket, RefusesATotalThatIsNoAmount) {
  EXPECT_TRUE(priced({at(Money::max_amount / 2)}).ok());
  EXPECT_TRUE(priced({at(Money::max_amount / 2 + 1)}).rejected("invalid"));
}

TEST(Basket, TakesMoreFirstAndGivesBackLast) {
  const auto before = lines({{tea, 5}, {cup, 5}});
  const std::vector<Quantity> wanted{{tea, 2}, {pot, 1}, {cup, 6}};
  EXPECT_EQ(before_trimming(before, wanted), (std::vector<Quantity>{{tea, 5}, {pot, 1}, {cup, 6}}));
  EXPECT_EQ(to_restore(before, wanted), (std::vector<Quantity>{{pot, 0}, {cup, 5}}));
  EXPECT_EQ(to_trim(before, wanted), (std::vector<Quantity>{{tea, 2}}));
  EXPECT_EQ(to_trim(before, {{pot, 1}}), (std::vector<Quantity>{{tea, 0}, {cup, 0}}));
}

}  // namespace
}  // namespace shop::order
