#include <gtest/gtest.h>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

/// A shop whose topology says more than the tests' usual one: limits of the gateway, and policies of calls.
class Calls : public ::testing::Test {
 protected:
  static ShopOptions options() {
    ShopOptions options;
    options.settings =
        "max_depth = 2\n"
        "\n"
        "[calls.\"gateway -> product\"]\n"
        "timeout = \"5s\"\n"
        "breaker = { failures = 5, within = \"10s\", open = \"5s\" }\n"
        "retry = { attempts = 2, budget_percent = 10 }\n"
        "\n"
        "[calls.\"order -> product\"]\n"
        "timeout = \"5s\"\n"
        "breaker = { failures = 5, within = \"10s\", open = \"5s\" }\n";
    return options;
  }

  TemporaryFolder folder_;
  ShopProcess shop_{folder_.path(), options()};
  Session admin_ = sign_in(shop_.gateway(), admin_email, admin_password);
};

TEST_F(Calls, PassUnderThePoliciesOfTheTopology) {
  const auto product = create_product(admin_, {.stock = 3});
  EXPECT_TRUE(has_status(admin_.get("/products/" + product), 200));
  const auto metrics = Session{shop_.admin()}.get("/metrics");
  ASSERT_EQ(metrics.status, 200) << describe(metrics);
  for (const auto* line : {"\ntroupe_breaker_open{from=\"gateway\",node=\"main\",to=\"product\"} 0\n",
                           "\ntroupe_breaker_open{from=\"order\",node=\"main\",to=\"product\"} 0\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line << metrics.body;
  }
  EXPECT_EQ(metrics.body.find("troupe_breaker_open{from=\"gateway\",node=\"main\",to=\"user\"}"), std::string::npos)
      << "an edge without a breaker shows none";
  EXPECT_EQ(shop_.stop().code, 0) << shop_.child().standard_error();
}

TEST_F(Calls, ReadNoDeeperDocumentsThanTheTopologySays) {
  const auto product = create_product(admin_, {.stock = 3});
  auto user = sign_up(shop_.gateway());
  EXPECT_TRUE(is_problem(user.session.post("/orders", order_of({{product, 1}})), 400, "invalid"))
      << "an object in a list in an object";
}

}  // namespace
}  // namespace shop::testing
