#include "tests/crash/workload.hpp"

namespace shop::testing {
namespace {

constexpr int enough_calls = 1'500;

/// Work in flight may hold stock for seconds, and settles by itself.
void expect_settled(const Ledger& ledger, Session& admin) {
  auto result = ::testing::AssertionFailure() << "never looked";
  EXPECT_TRUE(eventually([&] { return static_cast<bool>(result = ledger.matches(admin)); })) << result.message();
}

void run_concurrently(ShopOptions options) {
  RunningShop shop{std::move(options)};
  Workload workload{shop, test_seed()};
  workload.start(shop.address());
  EXPECT_TRUE(eventually([&] { return workload.acknowledged() >= enough_calls; }, std::chrono::minutes{4}));
  workload.stop();
  workload.repeat_unanswered(shop.address());
  Session admin{shop.address(), workload.admin_token()};
  expect_settled(workload.ledger(), admin);
  workload.delete_some_customers(shop.address());
  expect_settled(workload.ledger(), admin);
  EXPECT_EQ(shop.process().stop().code, 0) << shop.process().child().standard_error();
  shop.start_again();
  Session again{shop.address(), workload.admin_token()};
  expect_settled(workload.ledger(), again);
}

TEST(Invariants, HoldUnderConcurrentCalls) { run_concurrently({}); }

TEST(Invariants, HoldWhileOrdersExpire) { run_concurrently({.settings = "[settings.order]\nunpaid_after = \"1s\"\n"}); }

}  // namespace
}  // namespace shop::testing
