#include <boost/json.hpp>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using BadHttp = ShopTest;

/// The shop still works, on a new connection.
::testing::AssertionResult serves(RunningShop& shop) { return has_status(shop.anyone().get("/products?limit=1"), 200); }

/// The answer is 400, and nothing more is read from that connection.
::testing::AssertionResult is_refused_and_closed(RunningShop& shop, const std::string& request) {
  Connection connection{shop.address()};
  try {
    connection.write(request);
    const auto answer = connection.read();
    if (const auto result = is_problem(answer, 400, "invalid"); !result) return result;
  } catch (const ConnectionLost& lost) {
    return ::testing::AssertionFailure() << lost.what();
  }
  if (!connection.closed_by_peer()) return ::testing::AssertionFailure() << "the connection stays open";
  return ::testing::AssertionSuccess();
}

/// A shop of one process that waits a second for its clients; [gateway] ends its topology, so its keys can follow.
ShopOptions impatient() { return {.settings = "header_timeout = \"1s\"\nbody_timeout = \"1s\"\n", .placement = {}}; }

/// Longer than an impatient shop waits, however loaded the machine is.
constexpr std::chrono::seconds slow_client_limit{30};

TEST_F(BadHttp, MalformedIsAnsweredAndClosed) {
  const std::vector<std::string> requests{
      "GARBAGE\r\n\r\n",
      "GET\r\n\r\n",
      "GET /products\r\n\r\n",
      "GET /products HTTP/9.9\r\n\r\n",
      "GET /products HTTP/x\r\n\r\n",
      "GET  /products HTTP/1.1\r\n\r\n",
      " GET /products HTTP/1.1\r\n\r\n",
      "G\x01T /products HTTP/1.1\r\n\r\n",
      "GET /prod\x01ucts HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /products HTTP/1.1\r\nHost\r\n\r\n",
      "GET /products HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
      "GET /products HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
      "GET /products HTTP/1.1\r\nHost: a\r\nX-Bad: \x01\r\n\r\n",
      "GET /products HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
      "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
      "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
      "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "fffffffffffffffff\r\n",
      "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03 a TLS client\r\n\r\n",
      std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28),
  };
  for (const auto& request : requests) EXPECT_TRUE(is_refused_and_closed(shop(), request)) << request;
  EXPECT_TRUE(serves(shop()));
}

TEST_F(BadHttp, ALengthThatNoBodyHasIsRefused) {
  for (const auto* length : {"1099511627776", "9223372036854775807", "18446744073709551615"}) {
    Connection connection{shop().address()};
    connection.write("POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::string{length} + "\r\n\r\n{}");
    EXPECT_TRUE(is_problem(connection.read(), 413, "too_large")) << length;
  }
  Connection connection{shop().address()};
  connection.write("POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n");
  const auto answer = connection.read();
  EXPECT_TRUE(answer.status == 400 || answer.status == 413) << describe(answer);
}

TEST_F(BadHttp, BadEscapesInTargetsAreRefused) {
  auto http = anyone();
  for (const auto* target : {"/products/%zz", "/products/%", "/products/%e", "/products?limit=%zz", "/products?q=%"}) {
    const auto answer = http.get(target);
    EXPECT_TRUE(answer.status == 400 || answer.status == 404) << target << ' ' << describe(answer);
  }
  for (const auto* target : {"/products/%00", "/products/..%2f..%2fetc%2fpasswd", "/products/../users", "//products//",
                             "/products/%c0%af", "/../../etc/passwd"}) {
    const auto answer = http.get(target);
    EXPECT_TRUE(answer.status == 400 || answer.status == 404) << target << ' ' << describe(answer);
  }
}

TEST_F(BadHttp, HeadersOverSixteenKibibytesAreTooLarge) {
  const auto refused = [&](const Headers& headers, const std::string& target = "/products?limit=1") {
    Connection connection{shop().address()};
    const auto result = is_problem(connection.exchange({"GET", target, {}, headers}), 431, "header_too_large");
    if (result && !connection.closed_by_peer()) return ::testing::AssertionFailure() << "the connection stays open";
    return result;
  };
  EXPECT_TRUE(refused({{"X-Long", std::string(17 << 10, 'x')}}));
  EXPECT_TRUE(refused({{"X-Long", std::string(4 << 20, 'x')}}));
  EXPECT_TRUE(refused({}, "/products?q=" + std::string(17 << 10, 'x')));
  Headers many;
  for (int i = 0; i < 2'000; ++i) many.push_back({"X-" + std::to_string(i), "value"});
  EXPECT_TRUE(refused(many));
  Connection connection{shop().address()};
  const Headers fitting{{"X-Long", std::string((16 << 10) - 200, 'x')}};
  EXPECT_TRUE(has_status(connection.exchange({"GET", "/products?limit=1", {}, fitting}), 200));
  EXPECT_TRUE(serves(shop()));
}

TEST_F(BadHttp, TruncatedRequestsLeaveNothingBehind) {
  const auto request =
      bytes_of({"POST",
                "/products",
                R"({"name":"Truncated","price":{"amount":1,"currency":"USD"},"stock":1})",
                {{"Authorization", "Bearer " + admin().token()}, {"Content-Type", "application/json"}}});
  for (std::size_t length = 1; length < request.size(); length += 7) {
    Connection connection{shop().address()};
    connection.write(std::string_view{request}.substr(0, length));
    if (length % 2 == 0) {
      connection.end_of_input();
      EXPECT_NO_THROW(connection.read_to_end());
    }
  }
  EXPECT_TRUE(serves(shop()));
  auto http = anyone();
  EXPECT_TRUE(list(http, "/products?q=truncated").empty());
}

TEST_F(BadHttp, ClientsThatLeaveBeforeTheAnswerDoNoHarm) {
  const auto product = create_product(admin(), {.stock = 1'000});
  auto user = customer();
  const Headers headers{{"Authorization", "Bearer " + user.session.token()}, {"Content-Type", "application/json"}};
  const auto body = boost::json::serialize(order_of({{product, 1}}));
  for (int i = 0; i < 50; ++i) Connection{shop().address()}.write(bytes_of({"POST", "/orders", body, headers}));
  EXPECT_TRUE(serves(shop()));
  auto http = anyone();
  EXPECT_TRUE(eventually([&] {
    const auto orders = static_cast<std::int64_t>(list(user.session, "/orders").size());
    return units(http, product) == Units{1'000 - orders, orders};
  })) << "each order was placed whole or not at all";
}

TEST_F(BadHttp, SlowClientsAreToldAndClosed) {
  RunningShop shop{impatient()};
  const std::string head = "POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
  const std::vector<std::string> beginnings{"POST /us", head, head + "Content-Length: 100\r\n\r\n{\"email\":",
                                            head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a"};
  std::vector<Connection> connections;
  for (const auto& beginning : beginnings) {
    connections.emplace_back(shop.address(), slow_client_limit).write(beginning);
  }
  for (std::size_t i = 0; i < connections.size(); ++i) {
    EXPECT_TRUE(is_problem(connections[i].read(), 408, "request_timeout")) << beginnings[i];
    EXPECT_TRUE(connections[i].closed_by_peer()) << beginnings[i];
  }
}

TEST_F(BadHttp, ATrickleOfBytesDoesNotHoldAConnectionForever) {
  RunningShop shop{impatient()};
  Connection connection{shop.address()};
  connection.write("GET /products HTTP/1.1\r\nX-Slow: ");
  EXPECT_TRUE(eventually(
      [&] {
        try {
          connection.write("x");
          return false;
        } catch (const ConnectionLost&) {
          return true;
        }
      },
      slow_client_limit));
}

TEST_F(BadHttp, SlowClientsDoNotHinderOthers) {
  std::vector<Connection> slow;
  for (int i = 0; i < 100; ++i) slow.emplace_back(shop().address()).write("POST /users HTTP/1.1\r\nContent-Le");
  EXPECT_TRUE(serves(shop()));
}

}  // namespace
}  // namespace shop::testing
