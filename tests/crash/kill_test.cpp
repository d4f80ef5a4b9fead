#include "tests/crash/workload.hpp"
#include "tests/shop/background.hpp"

namespace shop::testing {
namespace {

constexpr int rounds = 5;

/// Kills the process in the middle of the calls, again and again, on the same data.
void kill_repeatedly(ShopOptions options) {
  RunningShop shop{std::move(options)};
  const auto seed = test_seed();
  std::mt19937 random{seed};
  Workload workload{shop, seed};
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto calls = workload.acknowledged() + 20 + static_cast<int>(random() % 300);
    workload.start(shop.address());
    EXPECT_TRUE(eventually([&] { return workload.acknowledged() >= calls; }, std::chrono::minutes{1}));
    shop.process().kill();
    workload.stop();
    shop.start_again();
    workload.repeat_unanswered(shop.address());
    Session admin{shop.address(), workload.admin_token()};
    auto result = ::testing::AssertionFailure() << "never looked";
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(result = workload.ledger().matches(admin)); }))
        << result.message();
  }
  EXPECT_EQ(shop.process().stop().code, 0) << shop.process().child().standard_error();
}

TEST(Kill, LosesNothingThatWasAnswered) { kill_repeatedly({}); }

TEST(Kill, LosesNothingWhileOrdersExpire) {
  kill_repeatedly({.settings = "[settings.order]\nunpaid_after = \"1s\"\n"});
}

/// Kills the process while a payment of the order waits for its provider. False: the answer came before.
bool kill_during_payment(RunningShop& shop, const std::string& token, const std::string& order) {
  bool cut_off = false;
  Background payer{[&] {
    Session session{shop.address(), token};
    try {
      session.post("/orders/" + order + "/payment", {{"card", silent_card}});
    } catch (const ConnectionLost&) {
      cut_off = true;
    }
  }};
  auto admin = shop.admin();
  EXPECT_TRUE(eventually([&] { return !payments(admin, order).empty(); })) << "the provider has charged";
  shop.process().kill();
  payer.wait();
  return cut_off;
}

TEST(Kill, DuringThePaymentOfASilentProviderChargesOnce) {
  RunningShop shop;
  auto user = sign_up(shop.address());
  bool cut_off = false;
  // The payment takes a second and more; a machine that stands still for so long gets another chance.
  for (int attempt = 0; attempt < 5 && !cut_off; ++attempt) {
    auto admin = shop.admin();
    const auto product = create_product(admin, {.stock = 5});
    Session customer{shop.address(), user.session.token()};
    const auto order = place(customer, {{product, 2}});
    cut_off = kill_during_payment(shop, user.session.token(), order);
    shop.start_again();
    Session again{shop.address(), admin.token()};
    EXPECT_TRUE(eventually([&] { return status_of(again, order) == "paid"; })) << "nobody has to ask for it";
    EXPECT_EQ(payments(again, order), std::vector<std::string>{"charge"});
    EXPECT_EQ(units(again, product), (Units{3, 2}));
  }
  EXPECT_TRUE(cut_off) << "the process was never killed in the middle";
}

TEST(Kill, AfterTheDeletionOfAUserStillCancelsTheirOrders) {
  RunningShop shop;
  auto admin = shop.admin();
  auto user = sign_up(shop.address());
  const auto product = create_product(admin, {.stock = 100});
  std::vector<std::string> orders;
  for (int i = 0; i < 20; ++i) orders.push_back(place(user.session, {{product, 1}}));
  pay(user.session, orders.front());
  ASSERT_EQ(user.session.remove("/users/" + user.id).status, 204);
  shop.process().kill();
  shop.start_again();
  Session again{shop.address(), admin.token()};
  for (const auto& order : orders) {
    EXPECT_TRUE(eventually([&] { return status_of(again, order) == "cancelled"; })) << order;
  }
  EXPECT_TRUE(eventually([&] { return units(again, product) == Units{100, 0}; }));
  EXPECT_TRUE(
      eventually([&] { return payments(again, orders.front()) == std::vector<std::string>{"charge", "refund"}; }));
}

}  // namespace
}  // namespace shop::testing
