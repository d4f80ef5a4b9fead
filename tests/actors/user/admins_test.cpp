#include "tests/actors/user/user_fixture.hpp"

namespace shop::user {
namespace {

using Administrators = UserTest;

TEST_F(Administrators, AreMadeAtTheFirstStartOnly) {
  const auto first = first_admin("admin@shop.test");
  ASSERT_TRUE(first.ok()) << first.failure().detail;
  EXPECT_TRUE(first->created);
  EXPECT_EQ(sign_in("admin@shop.test")->user.role, Role::admin);
  settle();
  world.restart();
  const auto second = first_admin("other@shop.test", "another password");
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->created);
  EXPECT_EQ(second->id, first->id);
  EXPECT_TRUE(sign_in("admin@shop.test").ok()) << "never reset";
  EXPECT_FALSE(owner("other@shop.test").user.has_value());
}

TEST_F(Administrators, AreMadeOnceBySeveralNodesAtOnce) {
  auto one = world.begin(ensure_first_admin("admin@shop.test", "one password"));
  auto two = world.begin(ensure_first_admin("admin@shop.test", "two password"));
  const auto first = world.end(one);
  const auto second = world.end(two);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->id, second->id);
  EXPECT_NE(first->created, second->created);
  EXPECT_TRUE(sign_in("admin@shop.test", first->created ? "one password" : "two password").ok());
}

TEST_F(Administrators, AreMadeAtTheNextStartWhenTheFirstFailed) {
  world.fail_next_commit("user", CommitFault::full);
  EXPECT_FALSE(first_admin("admin@shop.test").ok());
  world.restart();
  EXPECT_TRUE(first_admin("other@shop.test")->created);
}

TEST_F(Administrators, AreNotMadeOfWhatNobodyCouldSignInWith) {
  const auto refused = first_admin("admin", "short");
  ASSERT_TRUE(refused.rejected("invalid"));
  std::vector<std::string> pointers;
  for (const auto& fault : refused.failure().faults) {
    pointers.push_back(fault.pointer);
    EXPECT_EQ(fault.detail.find("short"), std::string::npos) << "a log keeps it";
  }
  EXPECT_EQ(pointers, (std::vector<std::string>{"/email", "/password"}));
  EXPECT_TRUE(first_admin("admin@shop.test")->created);
}

TEST_F(Administrators, AreNotMadeOfACustomer) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  settle();
  EXPECT_TRUE(first_admin("ada@shop.test").rejected("conflict"));
  EXPECT_EQ(ask<Get>(ada)->role, Role::customer);
}

TEST_F(Administrators, CannotAllBeRemoved) {
  const UserId first = first_admin("admin@shop.test")->id;
  settle();
  EXPECT_TRUE(ask<Remove>(first).rejected("conflict"));
  const UserId second = second_admin();
  EXPECT_TRUE(ask<Remove>(first).ok());
  settle();
  EXPECT_TRUE(ask<Remove>(second).rejected("conflict"));
  EXPECT_TRUE(ask<Get>(second).ok());
}

TEST_F(Administrators, CannotRemoveEachOtherAtOnce) {
  const UserId first = first_admin("admin@shop.test")->id;
  const UserId second = second_admin();
  auto one = world.begin<Api, Remove>(troupe::Key(first));
  auto two = world.begin<Api, Remove>(troupe::Key(second));
  const auto first_removed = world.end(one);
  const auto second_removed = world.end(two);
  EXPECT_NE(first_removed.ok(), second_removed.ok());
  EXPECT_TRUE(first_removed.rejected("conflict") || second_removed.rejected("conflict"));
  EXPECT_NE(ask<Get>(first).ok(), ask<Get>(second).ok());
}

TEST_F(Administrators, CountAgainAfterARemovalThatFailed) {
  const UserId first = first_admin("admin@shop.test")->id;
  const UserId second = second_admin();
  world.fail_next_commit("user", CommitFault::full);
  EXPECT_FALSE(ask<Remove>(first).ok());
  EXPECT_TRUE(ask<Get>(first).ok());
  EXPECT_TRUE(ask<Remove>(second).rejected("conflict")) << "for all we know the first is going";
  settle();
  EXPECT_TRUE(ask<Remove>(second).ok()) << "but it has said that it stays";
}

}  // namespace
}  // namespace shop::user
