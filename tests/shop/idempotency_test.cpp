#include <algorithm>
#include <boost/json.hpp>

#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using Idempotency = ShopTest;

std::string fresh_key() {
  static int count = 0;
  return "key-" + std::to_string(++count);
}

Headers with_key(std::string key) { return {{"Idempotency-Key", std::move(key)}}; }

/// Calls twice with one key: the second answer is the first again, and says so.
void expect_replay(Session& session, const std::string& target, const Json& body, int status) {
  const auto key = with_key(fresh_key());
  const auto first = session.post(target, body, key);
  ASSERT_TRUE(has_status(first, status)) << target;
  EXPECT_FALSE(is_replay(first)) << target;
  const auto second = session.post(target, body, key);
  ASSERT_TRUE(has_status(second, status)) << target;
  EXPECT_TRUE(is_replay(second)) << target;
  EXPECT_EQ(second.body, first.body) << target;
  EXPECT_EQ(second.header("Content-Type"), first.header("Content-Type")) << target;
  EXPECT_EQ(second.header("Location"), first.header("Location")) << target;
}

TEST_F(Idempotency, RepeatsTheFirstAnswerOfEveryPost) {
  const auto product = create_product(admin(), {.stock = 100});
  auto user = customer();
  auto http = anyone();
  const auto order = "/orders/" + place(user.session, {{product, 1}});
  expect_replay(http, "/users", {{"email", unused_email()}, {"name", "Ada"}, {"password", "12345678"}}, 201);
  expect_replay(admin(), "/products", body_of({}), 201);
  expect_replay(admin(), "/products/" + product + "/stock", {{"delta", 5}}, 200);
  expect_replay(user.session, "/orders", order_of({{product, 2}}), 201);
  expect_replay(user.session, order + "/payment", {{"card", good_card}}, 200);
  expect_replay(admin(), order + "/shipment", {{"carrier", "Post"}, {"tracking", "T"}}, 200);
  EXPECT_EQ(units(http, product), (Units{102, 2})) << "100 + 5 - 1 shipped - 2 reserved: each call worked once";
  EXPECT_EQ(payments(admin(), order.substr(8)).size(), 1U);
  EXPECT_EQ(list(user.session, "/orders").size(), 2U);
}

TEST_F(Idempotency, RepeatsRefusalsToo) {
  const auto product = create_product(admin(), {.stock = 1});
  auto user = customer();
  auto http = anyone();
  const auto order = "/orders/" + place(user.session, {{product, 1}});
  expect_replay(http, "/users", {{"email", admin_email}, {"name", "Ada"}, {"password", "12345678"}}, 409);
  expect_replay(admin(), "/products/unknown/stock", {{"delta", 5}}, 404);
  expect_replay(admin(), "/products/" + product + "/stock", {{"delta", -5}}, 409);
  expect_replay(user.session, "/orders", order_of({{"unknown", 1}}), 404);
  expect_replay(user.session, "/orders", order_of({{product, 1}}), 422);
  expect_replay(user.session, order + "/payment", {{"card", declined_card}}, 422);
  expect_replay(admin(), order + "/shipment", {{"carrier", "Post"}, {"tracking", "T"}}, 409);
}

TEST_F(Idempotency, KeepsARefusalThoughTheReasonIsGone) {
  const auto product = create_product(admin(), {.stock = 0});
  auto user = customer();
  const auto key = with_key(fresh_key());
  EXPECT_TRUE(is_problem(user.session.post("/orders", order_of({{product, 1}}), key), 422, "out_of_stock"));
  ASSERT_TRUE(has_status(admin().post("/products/" + product + "/stock", {{"delta", 5}}), 200));
  const auto again = user.session.post("/orders", order_of({{product, 1}}), key);
  EXPECT_TRUE(is_problem(again, 422, "out_of_stock"));
  EXPECT_TRUE(is_replay(again));
  auto http = anyone();
  EXPECT_EQ(units(http, product), (Units{5, 0}));
}

TEST_F(Idempotency, RefusesTheSameKeyForAnotherRequest) {
  const auto product = create_product(admin(), {.stock = 100});
  const auto other = create_product(admin(), {.stock = 100});
  const auto key = with_key(fresh_key());
  const auto target = "/products/" + product + "/stock";
  ASSERT_TRUE(has_status(admin().post(target, {{"delta", 5}}, key), 200));
  const auto conflicts = [&](const Answer& answer) { return is_problem(answer, 422, "idempotency_conflict"); };
  EXPECT_TRUE(conflicts(admin().post(target, {{"delta", 6}}, key))) << "another body";
  EXPECT_TRUE(conflicts(admin().post("/products/" + other + "/stock", {{"delta", 5}}, key))) << "another path";
  EXPECT_TRUE(conflicts(admin().post("/products", body_of({}), key))) << "another route";
  EXPECT_TRUE(conflicts(admin().send({"POST", target, R"({ "delta": 5})", key}))) << "other bytes";
  EXPECT_TRUE(is_replay(admin().post(target, {{"delta", 5}}, key)));
  auto http = anyone();
  EXPECT_EQ(units(http, product), (Units{105, 0}));
  EXPECT_EQ(units(http, other), (Units{100, 0}));
}

TEST_F(Idempotency, IsKeptApartForEveryUser) {
  const auto product = create_product(admin());
  auto first = customer();
  auto second = customer();
  const auto key = with_key(fresh_key());
  const auto mine = first.session.post("/orders", order_of({{product, 1}}), key);
  const auto theirs = second.session.post("/orders", order_of({{product, 1}}), key);
  ASSERT_TRUE(has_status(mine, 201));
  ASSERT_TRUE(has_status(theirs, 201));
  EXPECT_FALSE(is_replay(theirs));
  EXPECT_NE(text(mine.json(), "id"), text(theirs.json(), "id"));
}

TEST_F(Idempotency, HoldsForAllSessionsOfAUser) {
  const auto product = create_product(admin());
  auto user = customer();
  const auto key = with_key(fresh_key());
  const auto first = user.session.post("/orders", order_of({{product, 1}}), key);
  auto other_session = sign_in(shop().address(), user.email, user.password);
  const auto second = other_session.post("/orders", order_of({{product, 1}}), key);
  EXPECT_TRUE(is_replay(second));
  EXPECT_EQ(second.body, first.body);
}

TEST_F(Idempotency, OfAnyoneGoesByKeyAndRequest) {
  auto http = anyone();
  const auto key = with_key(fresh_key());
  const auto body = [](const std::string& email) {
    return Json{{"email", email}, {"name", "Ada"}, {"password", "12345678"}};
  };
  const auto email = unused_email();
  EXPECT_TRUE(has_status(http.post("/users", body(email), key), 201));
  const auto other = http.post("/users", body(unused_email()), key);
  EXPECT_TRUE(has_status(other, 201)) << "two strangers may choose the same key";
  EXPECT_FALSE(is_replay(other));
  EXPECT_TRUE(is_replay(http.post("/users", body(email), key)));
}

TEST_F(Idempotency, ForgetsAnswersToInvalidAndForbiddenRequests) {
  const auto key = with_key(fresh_key());
  auto user = customer();
  EXPECT_TRUE(is_problem(user.session.post("/products", body_of({}), key), 403, "forbidden"));
  EXPECT_TRUE(is_problem(user.session.post("/orders", {{"items", 1}}, key), 400, "invalid"));
  const auto product = create_product(admin());
  const auto answer = user.session.post("/orders", order_of({{product, 1}}), key);
  EXPECT_TRUE(has_status(answer, 201));
  EXPECT_FALSE(is_replay(answer));
}

TEST_F(Idempotency, IsNotHonouredForSessions) {
  auto user = customer();
  auto http = anyone();
  const auto key = with_key(fresh_key());
  const auto right = http.post("/sessions", {{"email", user.email}, {"password", user.password}}, key);
  const auto again = http.post("/sessions", {{"email", user.email}, {"password", user.password}}, key);
  const auto wrong = http.post("/sessions", {{"email", user.email}, {"password", "something else"}}, key);
  EXPECT_TRUE(has_status(right, 201));
  EXPECT_TRUE(has_status(again, 201));
  EXPECT_FALSE(again.header("Idempotency-Replayed"));
  EXPECT_TRUE(is_problem(wrong, 401, "unauthenticated"));
}

TEST_F(Idempotency, IsNotHonouredForOtherMethods) {
  const auto target = "/products/" + create_product(admin());
  const auto key = with_key(fresh_key());
  EXPECT_TRUE(has_status(admin().put(target, {{"name", "One"}, {"price", money(1)}}, key), 200));
  const auto second = admin().put(target, {{"name", "Two"}, {"price", money(1)}}, key);
  ASSERT_TRUE(has_status(second, 200));
  EXPECT_EQ(text(second.json(), "name"), "Two");
}

TEST_F(Idempotency, KeysHaveOneToTwoHundredFiftyFiveVisibleCharacters) {
  for (const auto& key : {std::string(255, 'k'), std::string{"!"}, std::string{"~"}, std::string{"\"a\",b;c"}}) {
    EXPECT_TRUE(has_status(admin().post("/products", body_of({}), with_key(key)), 201)) << key;
  }
  for (const auto& key :
       {std::string(256, 'k'), std::string{}, std::string{"a b"}, std::string{"a\tb"}, std::string{"é"}}) {
    EXPECT_TRUE(is_problem(admin().post("/products", body_of({}), with_key(key)), 400, "invalid")) << key;
  }
}

TEST_F(Idempotency, LetsConcurrentDuplicatesWaitForTheFirst) {
  const auto product = create_product(admin(), {.stock = 100});
  auto user = customer();
  const auto key = with_key(fresh_key());
  std::vector<Answer> answers(8);
  in_parallel(8, [&](int i) {
    Session session{shop().address(), user.session.token()};
    answers[static_cast<std::size_t>(i)] = session.post("/orders", order_of({{product, 3}}), key);
  });
  for (const auto& answer : answers) {
    ASSERT_TRUE(has_status(answer, 201));
    EXPECT_EQ(answer.body, answers.front().body);
  }
  EXPECT_EQ(std::ranges::count_if(answers, is_replay), 7);
  auto http = anyone();
  EXPECT_EQ(units(http, product), (Units{97, 3}));
  EXPECT_EQ(list(user.session, "/orders").size(), 1U);
}

TEST_F(Idempotency, ChargesOnceThoughTheProviderIsSilentAndTheCallRepeated) {
  auto user = customer();
  const auto order = place(user.session, {{create_product(admin()), 1}});
  const auto key = with_key(fresh_key());
  in_parallel(3, [&](int) {
    Session session{shop().address(), user.session.token()};
    const auto answer = session.post("/orders/" + order + "/payment", {{"card", silent_card}}, key);
    EXPECT_TRUE(answer.status == 200 || answer.status == 504) << describe(answer);
  });
  EXPECT_TRUE(eventually([&] { return status_of(user.session, order) == "paid"; }));
  EXPECT_EQ(payments(admin(), order).size(), 1U);
}

TEST(IdempotencyKeys, SurviveARestartAndACrash) {
  RunningShop shop;
  const auto key = with_key("once");
  auto admin = shop.admin();
  const auto product = create_product(admin, {.stock = 10});
  const auto target = "/products/" + product + "/stock";
  const auto refusal_key = with_key("refused");
  const auto first = expecting(200, admin.post(target, {{"delta", 5}}, key));
  const auto refused = expecting(409, admin.post(target, {{"delta", -50}}, refusal_key));
  for (const auto& end : {std::string{"stop"}, std::string{"kill"}}) {
    if (end == "stop") {
      EXPECT_EQ(shop.process().stop().code, 0);
    }
    if (end == "kill") shop.process().kill();
    shop.start_again();
    Session again{shop.address(), admin.token()};
    const auto repeated = again.post(target, {{"delta", 5}}, key);
    ASSERT_TRUE(has_status(repeated, 200)) << end;
    EXPECT_TRUE(is_replay(repeated)) << end;
    EXPECT_EQ(repeated.body, first.body) << end;
    const auto still_refused = again.post(target, {{"delta", -50}}, refusal_key);
    EXPECT_TRUE(has_status(still_refused, 409)) << end;
    EXPECT_TRUE(is_replay(still_refused)) << end;
    EXPECT_EQ(still_refused.body, refused.body) << end;
    EXPECT_EQ(units(again, product), (Units{15, 0})) << end;
  }
}

}  // namespace
}  // namespace shop::testing
