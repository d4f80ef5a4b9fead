#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/testing/world.hpp>
#include <troupe/wire/etag.hpp>
#include "actors/product/declaration.hpp"
#include "actors/product/product.hpp"

namespace shop::product {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using troupe::Outcome;
using troupe::Uuid;

constexpr ProductId lamp{{1, 1}};

constexpr OrderId order(std::uint64_t number) { return OrderId{{7, number}}; }

struct Products : ::testing::Test {
  Products() { world.add<Declaration>().without_sweeps().attempts(1).start(); }
  ~Products() override { EXPECT_THAT(world.reports(), ::testing::IsEmpty()); }

  template <class M, class... Fields>
  Outcome<troupe::ReplyOf<M>> ask(ProductId id, Fields... fields) {
    return world.ask<Api, M>(troupe::Key(id), std::move(fields)...);
  }
  Outcome<View> create(std::int64_t stock, ProductId id = lamp, std::string name = "Lamp") {
    return ask<Create>(id, std::move(name), std::optional<std::string>(), Money{1999, "USD"}, stock);
  }
  Outcome<Reserved> reserve(std::uint64_t number, std::uint32_t revision, std::uint32_t quantity) {
    return ask<Reserve>(lamp, order(number), Revision{revision}, quantity);
  }
  Outcome<View> update(std::string name, std::optional<std::vector<std::string>> if_match = std::nullopt) {
    return ask<Update>(lamp, std::move(name), std::optional<std::string>("new"), Money{5, "EUR"}, std::move(if_match));
  }
  /// Free and reserved.
  std::pair<std::int64_t, std::int64_t> units() {
    const View view = *ask<Get>(lamp);
    return {view.stock, view.reserved};
  }
  std::size_t rows() { return world.store("product").find(troupe::Key(lamp)).value().rows.size(); }
  using Units = std::pair<std::int64_t, std::int64_t>;

  troupe::testing::World world{7};
};

TEST_F(Products, AreShownAsTheyWereCreated) {
  const auto created = create(7);
  ASSERT_TRUE(created.ok()) << created.failure().detail;
  EXPECT_EQ(created->id, lamp);
  EXPECT_EQ(created->name, "Lamp");
  EXPECT_EQ(created->description, std::nullopt);
  EXPECT_EQ(created->price, (Money{1999, "USD"}));
  EXPECT_EQ(created->stock, 7);
  EXPECT_EQ(created->reserved, 0);
  EXPECT_EQ(created->created_at, created->updated_at);
  EXPECT_EQ(*ask<Get>(lamp), *created);
  world.restart();
  EXPECT_EQ(*ask<Get>(lamp), *created);
}

TEST_F(Products, AreCreatedOnceThoughAskedTwice) {
  const auto created = create(7);
  ASSERT_TRUE(reserve(1, 1, 2).ok());
  const auto again = create(7);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->stock, 5);
  EXPECT_TRUE(create(8).rejected("conflict"));
}

TEST_F(Products, AreNotFoundUnderAKeyThatNoneHas) {
  EXPECT_TRUE(ask<Get>(lamp).rejected("not_found"));
  EXPECT_TRUE(update("Lamp", std::vector{"*"s}).rejected("not_found"));
  EXPECT_TRUE(ask<AddStock>(lamp, 1).rejected("not_found"));
  EXPECT_TRUE(ask<Remove>(lamp).rejected("not_found"));
  EXPECT_TRUE(reserve(1, 1, 1).rejected("not_found"));
  EXPECT_TRUE(ask<Ship>(lamp, order(1)).ok()) << "there is nothing left to do";
  EXPECT_EQ(world.store("product").commits(), 0U);
}

TEST_F(Products, AreReplacedWhole) {
  const View before = *create(7);
  world.advance(5s);
  const auto updated = update("Candle");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->name, "Candle");
  EXPECT_EQ(updated->description, "new");
  EXPECT_EQ(updated->price, (Money{5, "EUR"}));
  EXPECT_EQ(updated->stock, 7);
  EXPECT_EQ(updated->created_at, before.created_at);
  EXPECT_GE(updated->updated_at, before.updated_at + 5s);
}

TEST_F(Products, AreReplacedOnlyInTheVersionThatIfMatchNames) {
  const std::string old = troupe::etag(*create(7));
  ASSERT_TRUE(reserve(1, 1, 1).ok());
  EXPECT_TRUE(update("Candle", std::vector{old}).rejected("precondition_failed")) << "an order changed the answer";
  const std::string current = troupe::etag(*ask<Get>(lamp));
  EXPECT_TRUE(update("Candle", std::vector{"W/" + current}).rejected("precondition_failed"));
  EXPECT_TRUE(update("Candle", std::vector{old, current}).ok());
  EXPECT_TRUE(update("Candle", std::vector{"*"s}).ok());
}

TEST_F(Products, KeepTheirStockWithinItsBounds) {
  ASSERT_TRUE(create(10).ok());
  ASSERT_TRUE(reserve(1, 1, 4).ok());
  EXPECT_TRUE(ask<AddStock>(lamp, -7).rejected("conflict"));
  EXPECT_EQ(ask<AddStock>(lamp, -6)->stock, 0);
  EXPECT_TRUE(ask<AddStock>(lamp, max_stock - 3).rejected("conflict")) << "with what is reserved it is too much";
  EXPECT_EQ(ask<AddStock>(lamp, max_stock - 4)->stock, max_stock - 4);
  EXPECT_EQ(reserve(1, 2, 0)->free, max_stock);
}

TEST_F(Products, AreForgottenWhenRemovedButNotWhileReserved) {
  ASSERT_TRUE(create(10).ok());
  ASSERT_TRUE(reserve(1, 1, 4).ok());
  EXPECT_TRUE(ask<Remove>(lamp).rejected("conflict"));
  ASSERT_TRUE(reserve(1, 2, 0).ok());
  EXPECT_TRUE(ask<Remove>(lamp).ok());
  EXPECT_TRUE(ask<Get>(lamp).rejected("not_found"));
  EXPECT_TRUE(world.store("product").entities().empty());
}

TEST_F(Products, TellWhatAReservationCosts) {
  ASSERT_TRUE(create(10).ok());
  const auto reserved = reserve(1, 1, 4);
  ASSERT_TRUE(reserved.ok());
  EXPECT_EQ(*reserved, (Reserved{"Lamp", {1999, "USD"}, 6}));
  EXPECT_EQ(units(), Units(6, 4));
}

TEST_F(Products, NameThemselvesWhenTheyAreOutOfStock) {
  ASSERT_TRUE(create(3).ok());
  const auto refused = reserve(1, 1, 4);
  ASSERT_TRUE(refused.rejected("out_of_stock"));
  EXPECT_NE(refused.failure().detail.find("Lamp"), std::string::npos) << refused.failure().detail;
  EXPECT_NE(refused.failure().detail.find(to_text(lamp)), std::string::npos) << refused.failure().detail;
  EXPECT_EQ(units(), Units(3, 0));
}

TEST_F(Products, CountAnOrdersOwnUnitsAsFreeToIt) {
  ASSERT_TRUE(create(5).ok());
  ASSERT_TRUE(reserve(1, 1, 4).ok());
  EXPECT_TRUE(reserve(1, 2, 5).ok());
  EXPECT_TRUE(reserve(1, 3, 6).rejected("out_of_stock"));
  EXPECT_EQ(units(), Units(0, 5));
  EXPECT_TRUE(reserve(1, 4, 1).ok());
  EXPECT_EQ(units(), Units(4, 1));
}

TEST_F(Products, TakeARepetitionForTheSame) {
  ASSERT_TRUE(create(5).ok());
  ASSERT_TRUE(reserve(1, 1, 4).ok());
  const auto commits = world.store("product").commits();
  EXPECT_EQ(reserve(1, 1, 4)->free, 1);
  EXPECT_EQ(world.store("product").commits(), commits);
}

TEST_F(Products, RefuseWhatALaterRevisionHasReplaced) {
  ASSERT_TRUE(create(9).ok());
  ASSERT_TRUE(reserve(1, 2, 4).ok());
  EXPECT_TRUE(reserve(1, 1, 2).rejected("superseded"));
  EXPECT_TRUE(reserve(1, 2, 3).rejected("superseded")) << "the same revision means the same quantity";
  EXPECT_EQ(units(), Units(5, 4));
}

TEST_F(Products, RefuseAReservationThatItsReleaseOvertook) {
  ASSERT_TRUE(create(9).ok());
  EXPECT_TRUE(reserve(1, 2, 0).ok());
  EXPECT_TRUE(reserve(1, 1, 4).rejected("superseded"));
  EXPECT_TRUE(reserve(2, 1, 0).ok());
  EXPECT_TRUE(reserve(2, 1, 4).rejected("superseded")) << "a release wins also in the same revision";
  EXPECT_EQ(units(), Units(9, 0));
}

TEST_F(Products, LetAnOrderReserveAgainAfterARelease) {
  ASSERT_TRUE(create(9).ok());
  ASSERT_TRUE(reserve(1, 1, 4).ok());
  ASSERT_TRUE(reserve(1, 2, 0).ok());
  ASSERT_TRUE(reserve(1, 3, 2).ok());
  world.advance(2h);
  ASSERT_TRUE(reserve(2, 1, 1).ok());
  EXPECT_TRUE(reserve(1, 2, 0).rejected("superseded")) << "a hold that came back is not forgotten";
  EXPECT_EQ(units(), Units(6, 3));
}

TEST_F(Products, LoseShippedUnitsForGood) {
  ASSERT_TRUE(create(9).ok());
  ASSERT_TRUE(reserve(1, 1, 4).ok());
  EXPECT_TRUE(ask<Ship>(lamp, order(1)).ok());
  EXPECT_EQ(units(), Units(5, 0));
  EXPECT_TRUE(ask<Ship>(lamp, order(1)).ok());
  EXPECT_TRUE(ask<Ship>(lamp, order(2)).ok());
  EXPECT_EQ(units(), Units(5, 0));
  EXPECT_TRUE(reserve(1, 2, 0).rejected("superseded"));
  EXPECT_TRUE(reserve(1, 1, 4).rejected("superseded"));
  EXPECT_EQ(units(), Units(5, 0));
}

TEST_F(Products, KeepHoldsAcrossARestart) {
  ASSERT_TRUE(create(9).ok());
  ASSERT_TRUE(reserve(1, 2, 4).ok());
  ASSERT_TRUE(reserve(2, 2, 0).ok());
  world.restart();
  EXPECT_TRUE(reserve(1, 1, 1).rejected("superseded"));
  EXPECT_TRUE(reserve(2, 1, 1).rejected("superseded"));
  EXPECT_TRUE(ask<Ship>(lamp, order(1)).ok());
  EXPECT_EQ(units(), Units(5, 0));
}

TEST_F(Products, ForgetAFewOldReleasesAtATime) {
  ASSERT_TRUE(create(1000).ok());
  for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(reserve(i, 1, 0).ok());
  EXPECT_EQ(rows(), 20U) << "a hold and its place among the retired, each";
  world.advance(59min);
  ASSERT_TRUE(reserve(100, 1, 1).ok());
  EXPECT_EQ(rows(), 21U);
  world.advance(2min);
  ASSERT_TRUE(reserve(101, 1, 1).ok());
  EXPECT_EQ(rows(), 22U - 2 * Product::purged_at_once);
  for (std::uint64_t i = 102; i <= 103; ++i) ASSERT_TRUE(reserve(i, 1, 1).ok());
  EXPECT_EQ(rows(), 4U) << "only the open holds are left";
}

TEST_F(Products, AreListedNewestFirstInPages) {
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(create(1, ProductId{{i, 0}}).ok());
  world.advance(1s);
  auto page = world.ask_all<Api, List>(std::uint32_t{3}, std::optional<troupe::Cursor>(), std::optional<std::string>());
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 3U);
  EXPECT_EQ(page->items.front().id, (ProductId{{5, 0}}));
  EXPECT_TRUE(page->next_cursor.has_value());
}

TEST_F(Products, AreIndexedByTheirNameWithoutCase) {
  State state;
  state.name = "BRATÄPFEL";
  EXPECT_EQ(casefolded_name(state), "bratäpfel");
  const auto products = troupe::DomainOf<Declaration>::make({});
  const auto& type = products.entities().front();
  ASSERT_EQ(type.indexes.size(), 1U);
  EXPECT_EQ(type.indexes.front().name, "name");
}

}  // namespace
}  // namespace shop::product
