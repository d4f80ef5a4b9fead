#include "tests/actors/user/user_fixture.hpp"

namespace shop::user {
namespace {

using troupe::StoreStatus;

using Claims = UserTest;

TEST_F(Claims, LetOneOfManyHaveAnEmail) {
  std::vector<testing::SimulatedDomain::Pending<View>> creates;
  for (std::uint64_t i = 1; i <= 6; ++i) {
    creates.push_back(begin_create(UserId{{i, 1}}, i % 2 == 0 ? "ada@shop.test" : "ADA@shop.test"));
  }
  int made = 0;
  for (auto& pending : creates) {
    const auto outcome = domain.end(pending);
    made += outcome.ok();
    EXPECT_TRUE(outcome.ok() || outcome.rejected("conflict")) << outcome.failure().code;
  }
  EXPECT_EQ(made, 1);
}

TEST_F(Claims, AreRefusedToOthersOnceConfirmed) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  domain.settle();
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("conflict"));
  EXPECT_TRUE(ask<Get>(bob).rejected("not_found"));
}

TEST_F(Claims, PassToTheNextWhenTheirTurnFailed) {
  domain.store("user").next_commits = {StoreStatus::full};
  EXPECT_FALSE(create(ada, "ada@shop.test").ok());
  EXPECT_EQ(owner("ada@shop.test").user, ada) << "left behind";
  const auto created = create(bob, "ada@shop.test");
  ASSERT_TRUE(created.ok()) << created.failure().detail;
  domain.settle();
  EXPECT_EQ(owner("ada@shop.test").user, bob);
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
}

TEST_F(Claims, ThatAreNotSettledInTimeAreNoConflict) {
  domain.store("user").held = true;
  auto slow = begin_create(ada, "ada@shop.test");
  domain.world.run_until([] { return false; }, 1s);
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("unavailable"));
  domain.store("user").release();
  EXPECT_TRUE(domain.end(slow).ok());
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("conflict"));
}

TEST_F(Claims, PassToTheNextAfterACrashBetween) {
  domain.store("user").held = true;
  auto cut_off = begin_create(ada, "ada@shop.test");
  domain.world.run_until([] { return false; }, 1s);
  ASSERT_FALSE(cut_off->has_value());
  ASSERT_EQ(domain.store("email").rows.size(), 1U);
  // The node goes down with the claim committed and the user not.
  domain.store("user").next_commits = {StoreStatus::unavailable};
  domain.store("user").release();
  domain.restart();
  EXPECT_TRUE(ask<Get>(ada).rejected("not_found"));
  EXPECT_TRUE(create(bob, "ada@shop.test").ok());
}

TEST_F(Claims, AreTakenOverByARetryOfTheSameUser) {
  domain.store("user").next_commits = {StoreStatus::full};
  EXPECT_FALSE(create(ada, "ada@shop.test").ok());
  EXPECT_TRUE(create(ada, "ada@shop.test").ok());
  domain.settle();
  EXPECT_EQ(owner("ada@shop.test").user, ada);
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
}

TEST_F(Claims, AreConfirmedByWhoStandsByThem) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  // Another claims before the confirmation has come: by hand, as an earlier version of it would rest.
  auto& row = domain.store("email").rows.at(troupe::Key("ada@shop.test"));
  domain.settle();
  const auto confirmed = R"("confirmed":true)"s;
  const auto at = row.body->find(confirmed);
  ASSERT_NE(at, std::string::npos) << *row.body;
  row.body->replace(at, confirmed.size(), R"("confirmed":false)");
  domain.restart();
  EXPECT_TRUE(create(bob, "ada@shop.test").rejected("conflict"));
  EXPECT_EQ(owner("ada@shop.test").user, ada);
  EXPECT_TRUE(owner("ada@shop.test").confirmed);
}

TEST_F(Claims, AreNotReleasedByTheAnswerToAnEarlierOne) {
  const troupe::Key address("ada@shop.test");
  const Uuid first{9, 1};
  const Uuid second{9, 2};
  ASSERT_TRUE((domain.ask<email::Api, email::Claim>(address, ada, first)).ok());
  ASSERT_TRUE((domain.ask<email::Api, email::Claim>(address, ada, second)).ok());
  ASSERT_TRUE((domain.ask<email::Api, email::Release>(address, first)).ok());
  EXPECT_EQ(owner("ada@shop.test").user, ada);
  ASSERT_TRUE((domain.ask<email::Api, email::Confirm>(address, first)).ok());
  EXPECT_FALSE(owner("ada@shop.test").confirmed);
  ASSERT_TRUE((domain.ask<email::Api, email::Release>(address, second)).ok());
  EXPECT_FALSE(owner("ada@shop.test").user.has_value());
}

}  // namespace
}  // namespace shop::user
