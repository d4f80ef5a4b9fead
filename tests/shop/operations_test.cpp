#include <boost/json.hpp>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

class Operations : public ShopTest {
 protected:
  static Session operations() { return Session{shop().process().admin()}; }
};

TEST_F(Operations, TellThatTheProcessLives) { EXPECT_EQ(operations().get("/livez").status, 200); }

TEST_F(Operations, TellThatTheNodeIsReadyAndWhy) {
  const auto answer = operations().get("/readyz");
  ASSERT_EQ(answer.status, 200) << describe(answer);
  EXPECT_TRUE(has_fields(answer.json(), {"status", "checks"}));
  EXPECT_TRUE(answer.json().at("status").is_string());
  EXPECT_TRUE(answer.json().at("checks").is_structured());
}

TEST_F(Operations, GiveMetricsAsPrometheusText) {
  anyone().get("/products");
  const auto answer = operations().get("/metrics");
  ASSERT_EQ(answer.status, 200) << describe(answer);
  EXPECT_TRUE(answer.header("Content-Type").value_or("").starts_with("text/plain")) << describe(answer);
  EXPECT_NE(answer.body.find("# TYPE "), std::string::npos);
  EXPECT_TRUE(answer.body.ends_with('\n'));
}

TEST_F(Operations, GiveTheStatusAsJson) {
  const auto answer = operations().get("/status");
  ASSERT_EQ(answer.status, 200) << describe(answer);
  EXPECT_TRUE(answer.header("Content-Type").value_or("").starts_with("application/json"));
  EXPECT_TRUE(answer.json().is_object());
}

TEST_F(Operations, CountWhatTheNodeDid) {
  const auto product_status = [] {
    for (const auto& protocol : elements(operations().get("/status").json(), "protocols")) {
      if (text(protocol, "name") == "product") return protocol;
    }
    throw std::runtime_error("no product in the status");
  };
  const Json before = product_status();
  const auto product = create_product(admin(), {.stock = 1});
  auto user = customer();
  EXPECT_TRUE(is_problem(user.session.post("/orders", order_of({{product, 2}})), 422, "out_of_stock"));
  const Json after = product_status();
  EXPECT_EQ(number(after, "rejections"), number(before, "rejections") + 1);
  EXPECT_GE(number(after, "turns"), number(before, "turns") + 2);
  EXPECT_GE(number(after, "entities"), 1);
  EXPECT_EQ(number(after, "shards"), 64);
  EXPECT_EQ(number(after, "outbox"), 0);
  EXPECT_EQ(text(after, "storage"), "sqlite");
  const auto metrics = operations().get("/metrics").body;
  EXPECT_NE(metrics.find("\ntroupe_rejections_total{protocol=\"product\"} " +
                         std::to_string(number(after, "rejections")) + '\n'),
            std::string::npos)
      << metrics;
}

TEST_F(Operations, TellOfNoLinksWhereTheNodeIsAlone) {
  const Json status = operations().get("/status").json();
  EXPECT_TRUE(elements(status, "links").empty());
  EXPECT_TRUE(elements(status, "breakers").empty()) << "no edge has one by default";
  const Json gateway = status.at("gateway");
  EXPECT_EQ(text(gateway, "address"), shop().address());
  EXPECT_EQ(number(gateway, "in_flight"), 0);
}

TEST_F(Operations, GiveAPage) {
  const auto answer = operations().get("/");
  ASSERT_EQ(answer.status, 200) << describe(answer);
  EXPECT_TRUE(answer.header("Content-Type").value_or("").starts_with("text/html"));
  EXPECT_EQ(answer.body.find("src=\"http"), std::string::npos) << "it works offline";
}

TEST_F(Operations, KnowNoOtherPath) {
  EXPECT_EQ(operations().get("/nowhere").status, 404);
  EXPECT_EQ(operations().get("/products").status, 404);
  EXPECT_EQ(operations().send({"DELETE", "/livez", {}, {}}).status, 405);
}

TEST_F(Operations, AreNotFoundOnThePublicPort) {
  for (const auto* path : {"/", "/livez", "/readyz", "/metrics", "/status"}) {
    EXPECT_TRUE(is_problem(anyone().get(path), 404, "not_found")) << path;
    EXPECT_TRUE(is_problem(admin().get(path), 404, "not_found")) << path;
  }
}

}  // namespace
}  // namespace shop::testing
