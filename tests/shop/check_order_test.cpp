#include <boost/json.hpp>

#include "tests/shop/shop_test.hpp"

// The contract: "Checked in this order: route 404, method 405, token 401, role 403, size 413, media 415, body and query
// 400, existence 404, ownership 403, precondition 412, then 409 and 422." Each test breaks two neighbouring rules, and
// where it can, all that come later too.

namespace shop::testing {
namespace {

using CheckOrder = ShopTest;

const Header bad_token{"Authorization", "Bearer not.a.token"};
const Header plain_text{"Content-Type", "text/plain"};

std::string too_large() { return std::string((1 << 20) + 1, '{'); }

TEST_F(CheckOrder, PutsTheRouteBeforeTheMethodAndTheToken) {
  auto http = anyone();
  for (const auto* target :
       {"/nowhere", "/product", "/products/a/b", "/orders/a/payment/b", "/sessions/a", "/users/a/b"}) {
    const auto answer = http.send({"BREW", target, too_large(), {bad_token, plain_text}});
    EXPECT_TRUE(is_problem(answer, 404, "not_found")) << target;
  }
}

TEST_F(CheckOrder, PutsTheMethodBeforeTheToken) {
  auto http = anyone();
  const auto answer = http.send({"PATCH", "/orders/x", too_large(), {bad_token, plain_text}});
  ASSERT_TRUE(is_problem(answer, 405, "method_not_allowed"));
}

TEST_F(CheckOrder, PutsTheTokenBeforeTheSize) {
  auto http = anyone();
  EXPECT_TRUE(
      is_problem(http.send({"POST", "/products", too_large(), {bad_token, plain_text}}), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(http.send({"POST", "/products", too_large(), {plain_text}}), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(http.send({"POST", "/users", too_large(), {bad_token, plain_text}}), 401, "unauthenticated"));
}

TEST_F(CheckOrder, PutsTheRoleBeforeTheSize) {
  auto user = customer();
  const auto refused = [&](std::string method, std::string target) {
    return is_problem(user.session.send({method, target, too_large(), {plain_text}}), 403, "forbidden");
  };
  EXPECT_TRUE(refused("POST", "/products"));
  EXPECT_TRUE(refused("PUT", "/products/x"));
  EXPECT_TRUE(refused("POST", "/products/x/stock"));
  EXPECT_TRUE(refused("POST", "/orders/x/shipment"));
  EXPECT_TRUE(refused("PUT", "/users/another"));
  EXPECT_TRUE(is_problem(admin().send({"POST", "/orders", too_large(), {plain_text}}), 403, "forbidden"));
}

TEST_F(CheckOrder, PutsTheSizeBeforeTheMediaType) {
  EXPECT_TRUE(is_problem(admin().send({"POST", "/products", too_large(), {plain_text}}), 413, "too_large"));
  EXPECT_TRUE(is_problem(admin().send({"PUT", "/products/x", too_large(), {plain_text}}), 413, "too_large"));
}

TEST_F(CheckOrder, PutsTheMediaTypeBeforeBodyAndQuery) {
  const auto answer = admin().send({"POST", "/products?color=red", "{", {plain_text}});
  EXPECT_TRUE(is_problem(answer, 415, "unsupported_media"));
}

TEST_F(CheckOrder, PutsBodyAndQueryBeforeExistence) {
  auto user = customer();
  EXPECT_TRUE(is_problem(admin().put("/products/x", {{"name", ""}}), 400, "invalid"));
  EXPECT_TRUE(is_problem(anyone().get("/products/x?color=red"), 400, "invalid"));
  EXPECT_TRUE(is_problem(admin().post("/products/x/stock", {{"delta", "1"}}), 400, "invalid"));
  EXPECT_TRUE(is_problem(user.session.put("/orders/x", {{"items", 1}}), 400, "invalid"));
  EXPECT_TRUE(is_problem(user.session.post("/orders/x/payment", {{"card", ""}}), 400, "invalid"));
  EXPECT_TRUE(is_problem(admin().post("/orders/x/shipment", {{"carrier", ""}}), 400, "invalid"));
  EXPECT_TRUE(is_problem(admin().put("/users/x", {{"name", ""}}), 400, "invalid"));
}

TEST_F(CheckOrder, PutsBodyBeforeOwnership) {
  const auto order = "/orders/" + place(customer().session, {{create_product(admin()), 1}});
  auto other = customer();
  EXPECT_TRUE(is_problem(other.session.put(order, {{"items", 1}}), 400, "invalid"));
  EXPECT_TRUE(is_problem(other.session.post(order + "/payment", {{"card", ""}}), 400, "invalid"));
}

TEST_F(CheckOrder, PutsExistenceBeforeOwnershipAndPrecondition) {
  auto user = customer();
  EXPECT_TRUE(is_problem(user.session.get("/orders/x"), 404, "not_found"));
  const Json change{{"name", "Tea"}, {"price", money(1)}};
  EXPECT_TRUE(is_problem(admin().put("/products/x", change, {{"If-Match", "\"stale\""}}), 404, "not_found"));
}

TEST_F(CheckOrder, PutsOwnershipBeforeConflicts) {
  const auto product = create_product(admin());
  auto user = customer();
  auto other = customer();
  const auto order = "/orders/" + place(user.session, {{product, 1}});
  ASSERT_TRUE(has_status(user.session.remove(order), 204));
  EXPECT_TRUE(is_problem(other.session.put(order, order_of({{product, 1}})), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.put(order, order_of({{"unknown", 1}})), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.post(order + "/payment", {{"card", declined_card}}), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.remove(order), 403, "forbidden"));
}

TEST_F(CheckOrder, LetsTheClientFinishSendingWhenTheAnswerIsKnownBefore) {
  const std::string huge(8 << 20, 'x');
  auto user = customer();
  auto http = anyone();
  EXPECT_TRUE(is_problem(http.send({"POST", "/nowhere", huge, {}}), 404, "not_found"));
  EXPECT_TRUE(is_problem(http.send({"POST", "/orders/x", huge, {}}), 405, "method_not_allowed"));
  EXPECT_TRUE(is_problem(http.send({"POST", "/orders", huge, {}}), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(user.session.send({"POST", "/products", huge, {}}), 403, "forbidden"));
  EXPECT_TRUE(is_problem(user.session.send({"POST", "/orders", huge, {}}), 413, "too_large"));
  EXPECT_TRUE(is_problem(http.send({"POST", "/users", huge.substr(0, 1000), {plain_text}}), 415, "unsupported_media"));
  EXPECT_TRUE(has_status(http.get("/products"), 200));
}

}  // namespace
}  // namespace shop::testing
