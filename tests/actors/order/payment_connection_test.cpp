#include "actors/order/payment_connection.hpp"

#include "actors/order/payment.hpp"
#include "tests/actors/order/order_fixture.hpp"

// The worker that holds the connection to the payment provider: what becomes of payments when it dies.
namespace shop::testing::connections {
namespace {

using order::payment::MovementKind;
using order::payment::Verdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* worker_path = "order/workers/provider";
constexpr troupe::Uuid operation{3, 3};

class PaymentConnection : public OrderShop, public ::testing::Test {
 protected:
  PaymentConnection() { as(ada); }

  auto begin_payment(OrderId id, std::string_view card) {
    return shop.begin<order::Api, order::Pay>(id, operation, std::string(card));
  }
};

TEST_F(PaymentConnection, IsThereAgainAfterItWasKilled) {
  const OrderId id = placed({{product(5), 2}});
  kill(worker_path);
  settle();
  EXPECT_TRUE(pay(id).ok());
  EXPECT_EQ(status(id), Status::paid);
}

TEST_F(PaymentConnection, ThatDiesWithAChargeUnderWayLosesNoMoney) {
  const OrderId id = placed({{product(5), 2}});
  const auto paying = begin_payment(id, silent_card);
  shop.advance(50ms);
  kill(worker_path);
  EXPECT_TRUE(shop.end(paying).rejected("payment_pending")) << "nobody knows whether it was charged";
  shop.advance(2s);
  EXPECT_TRUE(shop.end(begin_payment(id, silent_card)).ok()) << "the next one finds the charge";
  EXPECT_THAT(movements(id), ElementsAre(MovementKind::charge));
  expect_invariants({id});
}

TEST_F(PaymentConnection, ServesOthersWhileAChargeIsNotAnswered) {
  const ProductId tea = product(5);
  const OrderId slow = placed({{tea, 1}});
  const OrderId quick = placed({{tea, 1}});
  const auto paying = begin_payment(slow, silent_card);
  shop.advance(10ms);
  EXPECT_TRUE(pay(quick).ok());
  EXPECT_FALSE(paying->has_value()) << "nobody waits behind it";
  EXPECT_TRUE(shop.end(paying).rejected("payment_pending"));
}

/// Makes connections fail: its books know of no charge.
class BrokenProvider final : public order::payment::PaymentProvider {
 public:
  troupe::Task<troupe::Done> charge(OrderId, troupe::Uuid, Money, troupe::Secret card) override {
    if (card == declined_card) throw std::runtime_error("the line is broken");
    co_return troupe::Done{};
  }
  troupe::Task<Verdict> find(OrderId, troupe::Uuid) override { co_return Verdict::not_charged; }
  troupe::Task<troupe::Done> refund(OrderId, troupe::Uuid, troupe::Uuid, Money) override { co_return troupe::Done{}; }
  troupe::Task<order::payment::Movements> movements(OrderId) override { co_return order::payment::Movements{}; }

  static std::unique_ptr<order::payment::PaymentProvider> make() { return std::make_unique<BrokenProvider>(); }
};

TEST(BrokenConnection, IsMadeAnewAndPaymentsGoOn) {
  namespace payment = order::payment;
  troupe::Domain domain("order");
  domain.entity<payment::Payment>();
  domain.worker<payment::connection::Connection, payment::Api>(&BrokenProvider::make);
  World world;
  world.attempts(1).add(std::move(domain)).start();
  const OrderId id{{4, 4}};
  const auto pay = [&](troupe::Uuid attempt, std::string_view card) {
    return world.ask<payment::Api, payment::Charge>(id, attempt, Money{500, "USD"}, std::string(card));
  };
  EXPECT_EQ(pay({3, 1}, declined_card)->verdict, Verdict::pending);
  world.advance(1s);
  ASSERT_EQ(world.reports().size(), 2U);
  EXPECT_THAT(world.reports()[0], HasSubstr("the line is broken"));
  EXPECT_THAT(world.reports()[1], HasSubstr("child_terminated"));
  EXPECT_EQ((world.ask<payment::Api, payment::Resolve>(id, troupe::Uuid{3, 1})->verdict), Verdict::not_charged);
  EXPECT_EQ(pay({3, 2}, good_card)->verdict, Verdict::charged);
}

}  // namespace
}  // namespace shop::testing::connections
