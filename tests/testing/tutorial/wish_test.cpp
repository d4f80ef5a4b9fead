#include <gtest/gtest.h>

#include <troupe/testing/entity_test.hpp>
#include <troupe/testing/world.hpp>
#include "actors/product/declaration.hpp"
#include "actors/wishlist/declaration.hpp"

namespace shop::wishlist {
namespace {

using troupe::Key;
using troupe::Principal;
using troupe::testing::EntityTest;
using troupe::testing::World;

constexpr UserId ada{{1, 1}};
constexpr UserId bob{{1, 2}};
constexpr ProductId lamp{{2, 1}};

TEST(Wish, RefusesAProductThatIsNotThere) {
  EntityTest<Wish> wish;
  wish.world().add<product::Declaration>();
  EXPECT_TRUE(wish.ask<Add>(ada, lamp, std::string("for the desk")).rejected("no_such_product"));
}

struct Wishes : ::testing::Test {
  Wishes() {
    world.add<product::Declaration>().add<Declaration>().start();
    product::Create create{"Lamp", std::nullopt, {1999, "USD"}, 3};
    EXPECT_TRUE((world.ask<product::Api, product::Create>(Key(lamp), create).ok()));
  }
  World world;
};

TEST_F(Wishes, AreStillThereAfterARestart) {
  ASSERT_TRUE((world.ask<Api, Add>(Key(WishId{{3, 1}}), ada, lamp, std::string("for the desk")).ok()));
  world.restart();
  const auto wishes = world.ask_all<Api, List>(List{50, std::nullopt, ada});
  ASSERT_EQ(wishes->items.size(), 1U);
  EXPECT_EQ(wishes->items[0].product_name, "Lamp");
}

TEST_F(Wishes, AreRemovedOnlyByTheirUser) {
  const Key key(WishId{{3, 1}});
  ASSERT_TRUE((world.ask<Api, Add>(key, ada, lamp, std::string()).ok()));
  EXPECT_TRUE((world.as(Principal::of_user(bob.value, "customer")).ask<Api, Remove>(key).rejected("not_found")));
  EXPECT_TRUE((world.as(Principal::of_user(ada.value, "customer")).ask<Api, Remove>(key).ok()));
}

TEST_F(Wishes, AreForgottenWhenTheirUserIsGone) {
  ASSERT_TRUE((world.ask<Api, Add>(Key(WishId{{3, 1}}), ada, lamp, std::string()).ok()));
  ASSERT_TRUE((world.ask<Api, Add>(Key(WishId{{3, 2}}), bob, lamp, std::string()).ok()));
  ASSERT_TRUE((world.ask<wisher::Api, wisher::Leave>(Key(ada)).ok()));
  world.advance(std::chrono::seconds(1));
  const auto wishes = world.ask_all<Api, List>(List{});
  ASSERT_EQ(wishes->items.size(), 1U);
  EXPECT_EQ(wishes->items[0].user_id, bob);
}

TEST_F(Wishes, AreForgottenWhenTheyAreOld) {
  ASSERT_TRUE((world.ask<Api, Add>(Key(WishId{{3, 1}}), ada, lamp, std::string()).ok()));
  world.advance(kept_for + std::chrono::hours(1));
  EXPECT_TRUE((world.ask_all<Api, List>(List{})->items.empty()));
}

TEST_F(Wishes, HaveAFavouriteThatIsFoundAgain) {
  ASSERT_TRUE((world.ask<Api, Add>(Key(WishId{{3, 1}}), ada, lamp, std::string()).ok()));
  world.advance(std::chrono::minutes(1));
  EXPECT_EQ((world.ask<favourite::Api, favourite::Get>(Key())->product_id), lamp);
  world.kill("wishlist/workers/favourite");
  world.advance(std::chrono::seconds(1));
  EXPECT_EQ((world.ask<favourite::Api, favourite::Get>(Key())->wishes), 1U);
}

TEST(Wish, OfTheFirstVersionHasNoNote) {
  const std::string user = to_text(ada);
  const auto wish = State::upgrade(1, R"({"user_id":")" + user + R"(","product_id":")" + to_text(lamp) +
                                          R"(","product_name":"Lamp","added_at":"2026-01-01T00:00:00.000Z"})");
  EXPECT_EQ(wish.product_name, "Lamp");
  EXPECT_EQ(wish.note, "");
}

TEST_F(Wishes, AreAddedAndListedOverHttp) {
  const auto token = world.token(ada.value, "customer");
  const std::string body = R"({"product_id":")" + to_text(lamp) + R"(","note":"for the desk"})";
  const auto added = world.http("POST", "/wishes", {token}, body);
  ASSERT_EQ(added.status, 201) << added.body;
  const auto listed = world.http("GET", "/wishes", {token});
  EXPECT_NE(listed.body.find("for the desk"), std::string::npos) << listed.body;
  const auto others = world.http("GET", "/wishes", {world.token(bob.value, "customer")});
  EXPECT_EQ(others.body.find("for the desk"), std::string::npos) << others.body;
  EXPECT_EQ(world.http("DELETE", added.header("Location"), {token}).status, 204);
  EXPECT_EQ(world.http("GET", "/wishes").status, 401);
}

}  // namespace
}  // namespace shop::wishlist
