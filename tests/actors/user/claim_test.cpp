#include "tests/actors/user/user_fixture.hpp"

namespace shop::user {
namespace {

using Claims = UserTest;

TEST_F(Claims, LetOneOfManyHaveAnEmail) {
  std::vector<World::Pending<View>> creates;
  for (std::uint64_t i = 1; i <= 6; ++i) {
    creates.push_back(begin_create(UserId{{i, 1}}, i % 2 == 0 ? "ada@shop.test" : "ADA@shop.test"));
  }
  int made = 0;
  for (auto& pending : creates) {
    const auto outcome = world.end(pending);
    made += outcome.ok();
    EXPECT_TRUE(outcome.ok() || outcome.rejected("conflict")) << outcome.failure().code;
  }
  EXPECT_EQ(made, 1);
}

TEST_F(Claims, AreRefusedToOthersOnceConfirmed) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  settle();
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("conflict"));
  EXPECT_TRUE(ask<Get>(bob).rejected("not_found"));
}

TEST_F(Claims, PassToTheNextWhenTheirTurnFailed) {
  world.fail_next_commit("user", CommitFault::full);
  EXPECT_FALSE(create(ada, "ada@shop.test").ok());
  EXPECT_EQ(owner("ada@shop.test").user, ada) << "left behind";
  const auto created = create(bob, "ada@shop.test");
  ASSERT_TRUE(created.ok()) << created.failure().detail;
  settle();
  EXPECT_EQ(owner("ada@shop.test").user, bob);
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
}

TEST_F(Claims, ThatAreNotSettledInTimeAreNoConflict) {
  world.store("user").hold_commits();
  auto slow = begin_create(ada, "ada@shop.test");
  world.advance(1s);
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("unavailable"));
  world.store("user").release_commits();
  EXPECT_TRUE(world.end(slow).ok());
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("conflict"));
}

TEST_F(Claims, PassToTheNextAfterACrashBetween) {
  world.store("user").hold_commits();
  auto cut_off = begin_create(ada, "ada@shop.test");
  world.advance(1s);
  ASSERT_FALSE(cut_off->has_value());
  ASSERT_EQ(world.store("email").entities().size(), 1U);
  // The node goes down with the claim committed and the user not.
  world.restart();
  world.store("user").release_commits();
  EXPECT_TRUE(ask<Get>(ada).rejected("not_found"));
  EXPECT_TRUE(create(bob, "ada@shop.test").ok());
}

TEST_F(Claims, AreTakenOverByARetryOfTheSameUser) {
  world.fail_next_commit("user", CommitFault::full);
  EXPECT_FALSE(create(ada, "ada@shop.test").ok());
  EXPECT_TRUE(create(ada, "ada@shop.test").ok());
  settle();
  EXPECT_EQ(owner("ada@shop.test").user, ada);
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
}

TEST_F(Claims, AreConfirmedByWhoStandsByThem) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  // Another claims before the confirmation has come: by hand, as an earlier version of it would rest.
  settle();
  const troupe::Key address("ada@shop.test");
  auto body = world.store("email").find(address).value().body.value();
  const auto confirmed = R"("confirmed":true)"s;
  const auto at = body.find(confirmed);
  ASSERT_NE(at, std::string::npos) << body;
  body.replace(at, confirmed.size(), R"("confirmed":false)");
  world.store("email").rewrite(address, body);
  world.restart();
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("conflict"));
  EXPECT_EQ(owner("ada@shop.test").user, ada);
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
}

TEST_F(Claims, AreNotReleasedByTheAnswerToAnEarlierOne) {
  const troupe::Key address("ada@shop.test");
  const Uuid first{9, 1};
  const Uuid second{9, 2};
  ASSERT_TRUE((world.ask<email::Api, email::Claim>(address, ada, first)).ok());
  ASSERT_TRUE((world.ask<email::Api, email::Claim>(address, ada, second)).ok());
  ASSERT_TRUE((world.ask<email::Api, email::Release>(address, first)).ok());
  EXPECT_EQ(owner("ada@shop.test").user, ada);
  ASSERT_TRUE((world.ask<email::Api, email::Confirm>(address, first)).ok());
  EXPECT_FALSE(owner("ada@shop.test").confirmed);
  ASSERT_TRUE((world.ask<email::Api, email::Release>(address, second)).ok());
  EXPECT_FALSE(owner("ada@shop.test").user.has_value());
}

}  // namespace
}  // namespace shop::user
