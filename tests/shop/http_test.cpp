#include <boost/json.hpp>

#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using Http = ShopTest;

TEST_F(Http, GivesEveryAnswerARequestIdOfItsOwn) {
  auto http = anyone();
  const auto target = "/products/" + create_product(admin());
  const auto etag = *http.get(target).header("ETag");
  std::vector<Answer> answers{http.get(target),
                              http.get(target, {{"If-None-Match", etag}}),
                              http.send({"HEAD", target, {}, {}}),
                              http.send({"OPTIONS", target, {}, {}}),
                              http.get("/nowhere"),
                              http.get("/orders"),
                              http.remove("/docs"),
                              http.post("/users", Json{1}),
                              http.get("/openapi.json"),
                              http.get("/docs"),
                              admin().remove(target)};
  std::set<std::string> ids;
  for (const auto& answer : answers) {
    const auto id = answer.header("X-Request-Id");
    ASSERT_TRUE(id && !id->empty()) << describe(answer);
    EXPECT_TRUE(ids.insert(*id).second) << *id;
  }
}

TEST_F(Http, AnswersHeadAsGetWithoutTheBody) {
  auto user = customer();
  const auto product = create_product(admin());
  const auto order = place(user.session, {{product, 1}});
  for (const auto& target :
       {"/products/" + product, std::string{"/products?limit=1"}, "/users/" + user.id, std::string{"/orders"},
        "/orders/" + order, "/orders/" + order + "/status", std::string{"/openapi.json"}, std::string{"/docs"}}) {
    const auto get = user.session.get(target);
    const auto head = user.session.send({"HEAD", target, {}, {}});
    ASSERT_TRUE(has_status(head, 200)) << target;
    EXPECT_EQ(head.header("Content-Type"), get.header("Content-Type")) << target;
    EXPECT_EQ(head.header("ETag"), get.header("ETag")) << target;
    EXPECT_EQ(head.header("Content-Length"), std::to_string(get.body.size())) << target;
  }
  EXPECT_TRUE(has_status(user.session.send({"HEAD", "/products/x", {}, {}}), 404));
  EXPECT_TRUE(has_status(anyone().send({"HEAD", "/orders", {}, {}}), 401));
  EXPECT_TRUE(has_status(user.session.get("/products/" + product), 200)) << "the connection is still in step";
}

TEST_F(Http, AnswersHeadConditionally) {
  auto http = anyone();
  const auto target = "/products/" + create_product(admin());
  const auto etag = *http.get(target).header("ETag");
  EXPECT_TRUE(has_status(http.send({"HEAD", target, {}, {{"If-None-Match", etag}}}), 304));
}

TEST_F(Http, TellsTheMethodsOfARouteToOptions) {
  auto http = anyone();
  const std::vector<std::pair<std::string, std::set<std::string>>> routes{
      {"/products", {"GET", "HEAD", "POST", "OPTIONS"}},
      {"/products/x", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}},
      {"/orders/x/payment", {"POST", "OPTIONS"}},
      {"/users/x", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}}};
  for (const auto& [target, methods] : routes) {
    const auto answer = http.send({"OPTIONS", target, {}, {}});
    EXPECT_TRUE(answer.status == 200 || answer.status == 204) << describe(answer);
    EXPECT_EQ(allowed_methods(answer), methods) << target;
  }
  EXPECT_TRUE(is_problem(http.send({"OPTIONS", "/nowhere", {}, {}}), 404, "not_found"));
}

TEST_F(Http, TakesJsonWithParametersAndInAnyCase) {
  for (const auto* type : {"application/json", "application/json; charset=utf-8", "Application/JSON",
                           "application/json;charset=\"UTF-8\""}) {
    const Request request{"POST",
                          "/products",
                          R"({"name":"Tea","price":{"amount":1,"currency":"USD"},"stock":1})",
                          {{"Content-Type", type}}};
    EXPECT_TRUE(has_status(admin().send(request), 201)) << type;
  }
}

TEST_F(Http, TakesChunkedBodies) {
  const std::string head = "1a;name=value\r\n{\"name\":\"Tea\",\"price\":{\"am\r\n";
  const std::string body = head + "24\r\nount\":1,\"currency\":\"USD\"},\"stock\":1}\r\n0\r\nTrailer: x\r\n\r\n";
  const auto answer = admin().send(
      {"POST", "/products", body, {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}}});
  EXPECT_TRUE(has_status(answer, 201));
}

TEST_F(Http, KeepsConnectionsUntilToldToClose) {
  Connection connection{shop().address()};
  connection.write(bytes_of({"GET", "/products?limit=1", {}, {}}));
  EXPECT_TRUE(has_status(connection.read(), 200));
  connection.write(bytes_of({"GET", "/nowhere", {}, {}}));
  EXPECT_TRUE(has_status(connection.read(), 404));
  connection.write(bytes_of({"GET", "/products?limit=1", {}, {{"Connection", "close"}}}));
  EXPECT_TRUE(has_status(connection.read(), 200));
  EXPECT_TRUE(connection.closed_by_peer());
}

TEST_F(Http, ClosesAfterARequestOfHttpOneZero) {
  Connection connection{shop().address()};
  connection.write("GET /products?limit=1 HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(has_status(connection.read(), 200));
  EXPECT_TRUE(connection.closed_by_peer());
}

TEST_F(Http, AnswersPipelinedRequestsInOrder) {
  const auto product = create_product(admin(), {.name = "Pipelined"});
  Connection connection{shop().address()};
  std::string requests;
  constexpr int count = 50;
  for (int i = 0; i < count; ++i) {
    requests += bytes_of({"GET", "/products/" + product, {}, {}});
    requests += bytes_of({"GET", "/nowhere", {}, {}});
    requests += bytes_of({"HEAD", "/products/" + product, {}, {}});
    requests += bytes_of({"POST", "/users", "{}", {{"Content-Type", "application/json"}}});
  }
  connection.write("");  // opens it, before two threads use it
  const Background writer{[&] { connection.write(requests); }};
  for (int i = 0; i < count; ++i) {
    const auto got = connection.read();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(text(got.json(), "id"), product);
    EXPECT_EQ(connection.read().status, 404);
    EXPECT_EQ(connection.read(Body::absent).status, 200);
    EXPECT_EQ(connection.read().status, 400);
  }
}

TEST_F(Http, SerialisesPipelinedWrites) {
  const auto product = create_product(admin(), {.stock = 0});
  const Headers headers{{"Authorization", "Bearer " + admin().token()}, {"Content-Type", "application/json"}};
  Connection connection{shop().address()};
  std::string requests;
  for (int i = 0; i < 5; ++i) {
    requests += bytes_of({"POST", "/products/" + product + "/stock", R"({"delta":2})", headers});
    requests += bytes_of({"POST", "/products/" + product + "/stock", R"({"delta":-2})", headers});
  }
  connection.write(requests);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(connection.read().status, 200) << i << ": -2 is only legal after +2";
}

TEST_F(Http, InvitesABodyThatWaitsToBeInvited) {
  const std::string body = R"({"email":"x"})";
  Connection connection{shop().address()};
  connection.write("POST /users HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(connection.read().status, 100);
  connection.write(body);
  EXPECT_TRUE(is_problem(connection.read(), 400, "invalid"));
}

TEST_F(Http, ReadsEscapedIdsAndParameters) {
  const auto id = create_product(admin());
  std::string target = "/products/";
  for (const unsigned char letter : id) {
    constexpr const char* digits = "0123456789abcdef";
    target.append({'%', digits[letter >> 4], digits[letter & 15]});
  }
  auto http = anyone();
  EXPECT_TRUE(has_status(http.get(target), 200));
  EXPECT_TRUE(has_status(http.get("/products?%6cimit=%31"), 200));
}

TEST_F(Http, ServesManyConnectionsAtOnce) {
  const auto target = "/products/" + create_product(admin());
  std::vector<Connection> connections;
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) connections.emplace_back(shop().address());
  for (auto& connection : connections) connection.write(bytes_of({"GET", target, {}, {}}));
  for (auto& connection : connections) EXPECT_EQ(connection.read().status, 200);
}

}  // namespace
}  // namespace shop::testing
