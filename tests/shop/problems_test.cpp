#include <boost/json.hpp>

#include "tests/shop/shop_test.hpp"

// One request for each code of the contract's table that a request can provoke at will. The others: 408 and 431 in
// bad_http_test.cpp, idempotency_conflict in idempotency_test.cpp, overloaded in storm_test.cpp, unavailable in
// tests/crash; 429, 500 and 504 have no such request.

namespace shop::testing {
namespace {

using Problems = ShopTest;

TEST_F(Problems, TellInvalidInput) {
  const auto answer = anyone().post("/users", Json{1});
  ASSERT_TRUE(is_invalid(answer, {""}));
}

TEST_F(Problems, TellTheUnauthenticated) { EXPECT_TRUE(is_problem(anyone().get("/orders"), 401, "unauthenticated")); }

TEST_F(Problems, TellTheForbidden) {
  EXPECT_TRUE(is_problem(customer().session.post("/products", body_of({})), 403, "forbidden"));
}

TEST_F(Problems, TellWhatIsNotFound) {
  EXPECT_TRUE(is_problem(anyone().get("/products/x"), 404, "not_found"));
  EXPECT_TRUE(is_problem(anyone().get("/"), 404, "not_found"));
}

TEST_F(Problems, TellTheAllowedMethodsOfEveryRoute) {
  const std::vector<std::pair<std::string, std::set<std::string>>> routes{
      {"/users", {"POST"}},
      {"/sessions", {"POST"}},
      {"/users/x", {"GET", "PUT", "DELETE"}},
      {"/products", {"GET", "POST"}},
      {"/products/x", {"GET", "PUT", "DELETE"}},
      {"/products/x/stock", {"POST"}},
      {"/orders", {"GET", "POST"}},
      {"/orders/x", {"GET", "PUT", "DELETE"}},
      {"/orders/x/payment", {"POST"}},
      {"/orders/x/shipment", {"POST"}},
      {"/orders/x/status", {"GET"}},
      {"/payments", {"GET"}},
      {"/openapi.json", {"GET"}},
      {"/docs", {"GET"}},
  };
  auto http = anyone();
  for (const auto& [target, methods] : routes) {
    for (const auto* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "BREW", "get"}) {
      if (methods.contains(method)) continue;
      const auto answer = http.send({method, target, {}, {}});
      ASSERT_TRUE(is_problem(answer, 405, "method_not_allowed")) << method << ' ' << target;
      auto allowed = allowed_methods(answer);
      allowed.erase("OPTIONS");
      if (methods.contains("GET")) allowed.erase("HEAD");
      EXPECT_EQ(allowed, methods) << target;
    }
  }
}

TEST_F(Problems, TellConflicts) {
  EXPECT_TRUE(is_problem(anyone().post("/users", {{"email", admin_email}, {"name", "A"}, {"password", "12345678"}}),
                         409, "conflict"));
}

TEST_F(Problems, TellFailedPreconditions) {
  const auto target = "/products/" + create_product(admin());
  const Json change{{"name", "Tea"}, {"price", money(1)}};
  const auto answer = admin().put(target, change, {{"If-Match", "\"stale\""}});
  EXPECT_TRUE(is_problem(answer, 412, "precondition_failed"));
}

TEST_F(Problems, TellABodyOverOneMebibyte) {
  std::string body((1 << 20) + 1, ' ');
  body.replace(0, 2, "{}");
  EXPECT_TRUE(is_problem(anyone().send({"POST", "/users", body, {}}), 413, "too_large"));
  body.pop_back();
  EXPECT_TRUE(is_invalid(anyone().send({"POST", "/users", body, {}}), {"/email", "/name", "/password"}));
}

TEST_F(Problems, TellAChunkedBodyOverOneMebibyte) {
  std::string body;
  for (int i = 0; i < 33; ++i) body += "8000\r\n" + std::string(0x8000, ' ') + "\r\n";
  body += "0\r\n\r\n";
  const auto answer = anyone().send({"POST", "/users", body, {{"Transfer-Encoding", "chunked"}}});
  EXPECT_TRUE(is_problem(answer, 413, "too_large"));
}

TEST_F(Problems, LetAClientSendAMuchTooLargeBodyToItsEnd) {
  const std::string body(40 << 20, ' ');
  EXPECT_TRUE(is_problem(anyone().send({"POST", "/users", body, {}}), 413, "too_large"));
}

TEST_F(Problems, TellACompressedBody) {
  auto http = anyone();
  for (const auto* encoding : {"gzip", "br", "gzip, identity"}) {
    const auto answer = http.send({"POST", "/users", "{}", {{"Content-Encoding", encoding}}});
    EXPECT_TRUE(is_problem(answer, 415, "unsupported_media")) << encoding;
  }
  const auto plain = http.send({"POST", "/users", "{}", {{"Content-Encoding", "Identity"}}});
  EXPECT_TRUE(is_invalid(plain, {"/email", "/name", "/password"}));
}

TEST_F(Problems, TellABodyThatIsNotDeclaredAsJson) {
  const std::string body = R"({"email": "a@shop.test", "name": "A", "password": "12345678"})";
  auto http = anyone();
  for (const auto* type :
       {"text/plain", "text/json", "application/xml", "application/jsonp", "application/problem+json",
        "application/x-www-form-urlencoded", "multipart/form-data", "json", ""}) {
    const auto answer = http.send({"POST", "/users", body, {{"Content-Type", type}}});
    EXPECT_TRUE(is_problem(answer, 415, "unsupported_media")) << type;
  }
  Connection connection{shop().address()};
  EXPECT_TRUE(is_problem(connection.exchange({"POST", "/users", body, {}}), 415, "unsupported_media")) << "no type";
}

TEST_F(Problems, TellWhatIsOutOfStock) {
  const auto product = create_product(admin(), {.stock = 0});
  EXPECT_TRUE(is_problem(customer().session.post("/orders", order_of({{product, 1}})), 422, "out_of_stock"));
}

TEST_F(Problems, TellDeclinedPayments) {
  auto user = customer();
  const auto order = place(user.session, {{create_product(admin()), 1}});
  const auto answer = user.session.post("/orders/" + order + "/payment", {{"card", declined_card}});
  EXPECT_TRUE(is_problem(answer, 422, "payment_declined"));
}

TEST_F(Problems, AreTracedApart) {
  auto http = anyone();
  const auto first = http.get("/nowhere").json();
  const auto second = http.get("/nowhere").json();
  EXPECT_NE(text(first, "trace_id"), text(second, "trace_id"));
}

}  // namespace
}  // namespace shop::testing
