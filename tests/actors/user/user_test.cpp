#include "tests/actors/user/user_fixture.hpp"

namespace shop::user {
namespace {

using Users = UserTest;

TEST_F(Users, AreShownAsTheyWereCreated) {
  const auto created = create(ada, "Ada@Shop.Test");
  ASSERT_TRUE(created.ok()) << created.failure().code << ' ' << created.failure().detail;
  EXPECT_EQ(created->id, ada);
  EXPECT_EQ(created->email, "Ada@Shop.Test") << "kept as given";
  EXPECT_EQ(created->name, "Ada");
  EXPECT_EQ(created->role, Role::customer);
  EXPECT_EQ(created->created_at, created->updated_at);
  world.restart();
  EXPECT_EQ(*ask<Get>(ada), *created);
}

TEST_F(Users, AreNotFoundUnderAKeyThatNoneHas) {
  EXPECT_TRUE(ask<Get>(ada).rejected("not_found"));
  EXPECT_TRUE(update(ada, "ada@shop.test").rejected("not_found"));
  EXPECT_TRUE(ask<Remove>(ada).rejected("not_found"));
  EXPECT_TRUE(ask<Session>(ada, std::uint64_t{0}).rejected("unauthenticated"));
}

TEST_F(Users, AreCreatedOnceThoughAskedTwice) {
  const auto created = create(ada, "ada@shop.test");
  const auto again = create(ada, "ada@shop.test");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *created);
  EXPECT_TRUE(create(ada, "other@shop.test").rejected("conflict"));
  EXPECT_FALSE(owner("other@shop.test").user.has_value());
}

TEST_F(Users, NeverHaveTheirPasswordStoredAsItIs) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  const auto body = world.store("user").find(troupe::Key(ada)).value().body.value_or("");
  EXPECT_NE(body.find("$argon2id$v=19$m=19456,t=2,p=1$"), std::string::npos) << body;
  EXPECT_EQ(body.find(password), std::string::npos) << body;
}

TEST_F(Users, SignInWithoutRegardToTheCaseOfTheirEmail) {
  const View created = *create(ada, "Ada@Shop.Test");
  const auto signed_in = sign_in("aDA@sHOP.tEST");
  ASSERT_TRUE(signed_in.ok()) << signed_in.failure().detail;
  EXPECT_EQ(signed_in->user, created);
  EXPECT_EQ(ask<Session>(ada, signed_in->generation)->role, Role::customer);
  EXPECT_TRUE(ask<Session>(ada, signed_in->generation + 1).rejected("unauthenticated"));
}

TEST_F(Users, GetOneAnswerForAnUnknownEmailAndAWrongPassword) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  const auto wrong = sign_in("ada@shop.test", "some password");
  ASSERT_TRUE(wrong.rejected("unauthenticated"));
  for (const auto& address : {"bob@shop.test"s, "no address"s, ""s, std::string(5000, 'x')}) {
    const auto unknown = sign_in(address, "some password");
    ASSERT_TRUE(unknown.rejected("unauthenticated")) << address;
    EXPECT_EQ(unknown.failure().detail, wrong.failure().detail);
  }
}

TEST_F(Users, ChangeTheirNameAndKeepTheirSessions) {
  const View created = *create(ada, "ada@shop.test");
  world.advance(5s);
  const auto updated = update(ada, "ADA@shop.test");
  ASSERT_TRUE(updated.ok()) << updated.failure().detail;
  EXPECT_EQ(updated->email, "ADA@shop.test");
  EXPECT_EQ(updated->name, "Grace");
  EXPECT_EQ(updated->created_at, created.created_at);
  EXPECT_GE(updated->updated_at, created.updated_at + 5s);
  EXPECT_TRUE(ask<Session>(ada, std::uint64_t{0}).ok());
  EXPECT_TRUE(sign_in("ada@shop.test").ok());
}

TEST_F(Users, EndTheSessionsBegunBeforeByANewPassword) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  const auto before = sign_in("ada@shop.test")->generation;
  ASSERT_TRUE(update(ada, "ada@shop.test", "another password").ok());
  EXPECT_TRUE(ask<Session>(ada, before).rejected("unauthenticated"));
  EXPECT_TRUE(sign_in("ada@shop.test").rejected("unauthenticated"));
  const auto after = sign_in("ada@shop.test", "another password");
  ASSERT_TRUE(after.ok());
  EXPECT_TRUE(ask<Session>(ada, after->generation).ok());
}

TEST_F(Users, FreeTheirOldEmailBeforeAChangeIsAnswered) {
  ASSERT_TRUE(create(ada, "old@shop.test").ok());
  ASSERT_TRUE(update(ada, "new@shop.test").ok());
  EXPECT_FALSE(owner("old@shop.test").user.has_value());
  EXPECT_TRUE(sign_in("new@shop.test").ok());
  EXPECT_TRUE(sign_in("old@shop.test").rejected("unauthenticated"));
  EXPECT_TRUE(create(bob, "old@shop.test").ok());
  settle();
  EXPECT_EQ(owner("old@shop.test").user, bob) << "a late release of another's claim is ignored";
  EXPECT_TRUE(owner("old@shop.test").confirmed);
}

TEST_F(Users, MayTakeTheirOldEmailBack) {
  ASSERT_TRUE(create(ada, "old@shop.test").ok());
  ASSERT_TRUE(update(ada, "new@shop.test").ok());
  ASSERT_TRUE(update(ada, "old@shop.test").ok());
  settle();
  EXPECT_EQ(owner("old@shop.test").user, ada);
  EXPECT_TRUE(owner("old@shop.test").confirmed);
  EXPECT_FALSE(owner("new@shop.test").user.has_value());
}

TEST_F(Users, StayAsTheyWereWhenTheNewEmailIsTaken) {
  const View created = *create(ada, "ada@shop.test");
  ASSERT_TRUE(create(bob, "bob@shop.test").ok());
  settle();
  EXPECT_TRUE(update(ada, "BOB@shop.test", "another password").rejected("conflict"));
  EXPECT_EQ(*ask<Get>(ada), created);
  EXPECT_TRUE(sign_in("ada@shop.test").ok());
}

TEST_F(Users, LeaveNothingBehindWhenRemoved) {
  ASSERT_TRUE(create(ada, "ada@shop.test").ok());
  ASSERT_TRUE(ask<Remove>(ada).ok());
  EXPECT_FALSE(owner("ada@shop.test").user.has_value()) << "free at once";
  EXPECT_TRUE(ask<Get>(ada).rejected("not_found"));
  EXPECT_TRUE(ask<Session>(ada, std::uint64_t{0}).rejected("unauthenticated"));
  EXPECT_TRUE(sign_in("ada@shop.test").rejected("unauthenticated"));
  EXPECT_TRUE(create(bob, "ada@shop.test").ok());
  settle();
  EXPECT_EQ(owner("ada@shop.test").user, bob);
  const auto customer = world.store("customer").find(troupe::Key(ada));
  ASSERT_TRUE(customer.has_value());
  EXPECT_EQ(customer->body, R"({"times":1})") << "the orders hear of it";
}

TEST(Email, IsCheckedForItsForm) {
  for (const auto* good : {"a@b", "a.b+c@shop.test", "ü@bücher.example", "x_y-z'@a-b.c0", "A@127.0.0.1"}) {
    EXPECT_TRUE(is_email(good)) << good;
  }
  EXPECT_TRUE(is_email(std::string(242, 'l') + "@example.com"));
  EXPECT_FALSE(is_email(std::string(243, 'l') + "@example.com"));
  for (const auto* bad : {"", "plain", "@", "a@", "@shop.test", "a b@c", "a@b c", "a@b@c", "a@.b", "a@b.", "a@b..c",
                          "a\n@b", "a@b\x7f", "a@b,c"}) {
    EXPECT_FALSE(is_email(bad)) << bad;
  }
}

}  // namespace
}  // namespace shop::user
