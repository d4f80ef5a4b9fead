#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/actors/order/order_fixture.hpp"

namespace shop::testing {
namespace {

using order::payment::MovementKind;
using Units = std::pair<std::int64_t, std::int64_t>;
using Kinds = std::vector<MovementKind>;

constexpr UserId bob{{5, 2}};

class Orders : public ::testing::Test, public OrderShop {
 protected:
  void SetUp() override { as(ada); }
};

TEST_F(Orders, HoldUnitsAtTodaysPrice) {
  const auto tea = product(10, 500);
  const auto cup = product(10, 250);
  const auto id = new_order();
  const auto order = place(id, {{tea, 2}, {cup, 1}, {tea, 1}});
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order->status, Status::placed);
  EXPECT_EQ(order->user_id, ada);
  ASSERT_EQ(order->items.size(), 2U);
  EXPECT_EQ(order->items[0].quantity, 3U);
  EXPECT_EQ(order->total, (Money{1750, "USD"}));
  EXPECT_EQ(units(tea), (Units{7, 3}));
  EXPECT_EQ(*get(id), *order);
  EXPECT_EQ(shop.store("order").commits(), 2U) << "one before the first reservation, one for the end";
  EXPECT_EQ(shop.store("product").commits(), 4U) << "two created, two reserved";
}

TEST_F(Orders, AreAnsweredAgainWhenPlacedAgain) {
  const auto tea = product(10);
  const auto id = placed({{tea, 2}});
  ASSERT_TRUE(place(id, {{tea, 2}}).ok());
  EXPECT_EQ(units(tea), (Units{8, 2}));
  as(bob);
  EXPECT_TRUE(place(id, {{tea, 2}}).rejected("conflict"));
}

TEST_F(Orders, ArePlacedByCustomersOnly) {
  const auto tea = product(10);
  as_admin();
  EXPECT_TRUE(place(new_order(), {{tea, 1}}).rejected("forbidden"));
  as_node();
  EXPECT_TRUE(place(new_order(), {{tea, 1}}).rejected("forbidden"));
  EXPECT_EQ(units(tea), (Units{10, 0}));
}

TEST_F(Orders, HoldNothingWhenRefused) {
  const auto tea = product(10);
  const auto rare = product(1);
  const auto foreign = product(10, 500, "EUR");
  EXPECT_TRUE(place(new_order(), {{tea, 2}, {rare, 2}}).rejected("out_of_stock"));
  EXPECT_TRUE(place(new_order(), {{tea, 2}, {ProductId{{7, 7}}, 1}}).rejected("not_found"));
  EXPECT_TRUE(place(new_order(), {{tea, 2}, {ProductId{}, 1}}).rejected("not_found"));
  EXPECT_TRUE(place(new_order(), {{tea, 2}, {foreign, 1}}).rejected("invalid"));
  EXPECT_TRUE(place(new_order(), {{tea, 10'000}, {tea, 1}}).rejected("invalid"));
  for (const auto each : {tea, rare, foreign}) EXPECT_EQ(units(each).second, 0);
}

TEST_F(Orders, CanBePlacedUnderTheSameIdAfterARefusal) {
  const auto tea = product(10);
  const auto rare = product(1);
  const auto id = new_order();
  ASSERT_TRUE(place(id, {{tea, 2}, {rare, 2}}).rejected("out_of_stock"));
  EXPECT_TRUE(get(id).rejected("not_found"));
  const auto again = place(id, {{tea, 3}, {rare, 1}});
  ASSERT_TRUE(again.ok()) << again.failure().code;
  EXPECT_EQ(units(tea), (Units{7, 3}));
}

TEST_F(Orders, AreCertainlyNotPlacedNorEditedWhereAProductIsOutOfReach) {
  const auto tea = product(10);
  const auto id = placed({{tea, 2}});
  for (const auto fault : {CommitFault::full, CommitFault::unavailable}) {
    shop.restart();
    const auto fresh = new_order();
    shop.fail_next_commit("product", fault);
    const auto refused = place(fresh, {{tea, 1}});
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.rejected("unavailable")) << refused.failure().code << ' ' << refused.failure().detail;
    EXPECT_TRUE(get(fresh).rejected("not_found"));
    EXPECT_TRUE(place(fresh, {{tea, 1}}).ok()) << "and may be placed again";
    EXPECT_TRUE(cancel(fresh).ok());
    shop.fail_next_commit("product", fault);
    const auto unchanged = edit(id, {{tea, 3}});
    ASSERT_FALSE(unchanged.ok());
    EXPECT_TRUE(unchanged.rejected("unavailable")) << unchanged.failure().code << ' ' << unchanged.failure().detail;
    EXPECT_EQ(get(id)->items[0].quantity, 2U);
  }
  expect_invariants({id});
}

TEST_F(Orders, AreAskedOnceInASweepThoughTheyCannotBeSettledNow) {
  std::vector<OrderId> ids;
  for (int i = 0; i < 150; ++i) ids.push_back(placed({{product(10), 1}}));
  std::vector<World::Pending<order::View>> payments;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    payments.push_back(shop.begin<order::Api, order::Pay>(ids[i], troupe::Uuid{7, i + 1}, std::string(silent_card)));
  }
  for (const auto& payment : payments) EXPECT_TRUE(shop.end(payment).rejected("payment_pending"));
  as_node();
  const auto before = shop.store("order").commits();
  EXPECT_TRUE(shop.run(order::settle_due({}, order::settle_after)).ok());
  EXPECT_EQ(shop.store("order").commits() - before, ids.size()) << "each notes when it is due again, once";
  rest();
  for (const OrderId id : ids) EXPECT_EQ(status(id), Status::paid);
}

TEST_F(Orders, LeaveNoRowWhenTheyNeverHeldAnything) {
  const auto rare = product(1);
  const auto id = new_order();
  ASSERT_TRUE(place(id, {{rare, 2}}).rejected("out_of_stock"));
  EXPECT_FALSE(shop.store("order").find(id).has_value());
}

TEST_F(Orders, AreForgottenWhenTheyNeverCameToBe) {
  const auto tea = product(10);
  const auto rare = product(1);
  const auto id = new_order();
  ASSERT_TRUE(place(id, {{tea, 2}, {rare, 2}}).rejected("out_of_stock"));
  EXPECT_TRUE(shop.store("order").find(id).value().body.has_value()) << "its revision is remembered";
  shop.advance(66min);
  EXPECT_TRUE(sweep());
  EXPECT_FALSE(shop.store("order").find(id).has_value());
}

TEST_F(Orders, AreShownToTheirOwnerAndAdmins) {
  const auto id = placed({{product(10), 1}});
  EXPECT_TRUE((shop.ask<order::Api, order::Get>(id).ok()));
  as(bob);
  EXPECT_TRUE((shop.ask<order::Api, order::Get>(id).rejected("forbidden")));
  EXPECT_TRUE((shop.ask<order::Api, order::GetStatus>(id).rejected("forbidden")));
  EXPECT_TRUE((shop.ask<order::Api, order::Get>(new_order()).rejected("not_found")));
  EXPECT_TRUE(edit(id, {{product(10), 1}}).rejected("forbidden"));
  EXPECT_TRUE(cancel(id).rejected("forbidden"));
  EXPECT_TRUE(pay(id).rejected("forbidden"));
  as_admin();
  EXPECT_TRUE((shop.ask<order::Api, order::Get>(id).ok()));
  EXPECT_TRUE(edit(id, {{product(10), 1}}).rejected("forbidden"));
  EXPECT_TRUE(pay(id).rejected("forbidden"));
  EXPECT_TRUE(cancel(id).ok());
}

TEST_F(Orders, AreEditedAllOrNothing) {
  const auto tea = product(10);
  const auto cup = product(3);
  const auto pot = product(5);
  const auto id = placed({{tea, 8}, {cup, 3}});
  const auto edited = edit(id, {{tea, 10}, {pot, 1}, {cup, 1}});
  ASSERT_TRUE(edited.ok()) << "its own units count as free";
  EXPECT_EQ(units(tea), (Units{0, 10}));
  EXPECT_EQ(units(cup), (Units{2, 1}));
  EXPECT_EQ(units(pot), (Units{4, 1}));
  EXPECT_TRUE(edit(id, {{pot, 3}, {cup, 4}}).rejected("out_of_stock"));
  EXPECT_EQ(*get(id), *edited);
  EXPECT_EQ(units(tea), (Units{0, 10}));
  EXPECT_EQ(units(pot), (Units{4, 1}));
  EXPECT_EQ(units(cup), (Units{2, 1}));
  EXPECT_TRUE(edit(id, {{pot, 2}}).ok());
  EXPECT_EQ(units(tea), (Units{10, 0}));
  EXPECT_EQ(units(pot), (Units{3, 2}));
  expect_invariants({id});
}

TEST_F(Orders, AreCancelledOnceAndForAll) {
  const auto tea = product(10);
  const auto id = paid({{tea, 4}});
  EXPECT_TRUE(cancel(id).ok());
  EXPECT_EQ(status(id), Status::cancelled);
  EXPECT_EQ(units(tea), (Units{10, 0}));
  EXPECT_EQ(movements(id), (Kinds{MovementKind::charge, MovementKind::refund}));
  EXPECT_TRUE(cancel(id).ok());
  EXPECT_EQ(movements(id).size(), 2U);
  EXPECT_TRUE(pay(id).rejected("conflict"));
  EXPECT_TRUE(edit(id, {{tea, 1}}).rejected("conflict"));
  EXPECT_TRUE(ship(id).rejected("conflict"));
}

TEST_F(Orders, ArePaidOnce) {
  const auto id = placed({{product(10), 2}});
  EXPECT_TRUE(ship(id).rejected("conflict"));
  EXPECT_TRUE(pay(id, declined_card).rejected("payment_declined"));
  EXPECT_EQ(status(id), Status::placed);
  EXPECT_TRUE(movements(id).empty());
  const troupe::Uuid operation{8, 8};
  auto paid = shop.ask<order::Api, order::Pay>(id, operation, std::string(good_card));
  ASSERT_TRUE(paid.ok());
  EXPECT_EQ(paid->status, Status::paid);
  auto again = shop.ask<order::Api, order::Pay>(id, operation, std::string(good_card));
  EXPECT_TRUE(again.ok()) << "the same attempt is answered as the first";
  EXPECT_TRUE(pay(id).rejected("conflict"));
  EXPECT_TRUE(edit(id, {{product(10), 1}}).rejected("conflict"));
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
}

TEST_F(Orders, ArePaidByTheSameRequestThoughItsFirstChargeWasLost) {
  const auto id = placed({{product(10), 2}});
  const troupe::Uuid operation{8, 8};
  const auto pay_again = [&](troupe::Uuid by, std::string_view card) {
    return shop.ask<order::Api, order::Pay>(id, by, std::string(card));
  };
  shop.restart();
  for (const std::size_t before : {0U, 1U}) {  // the second time, first what was lost is given up
    shop.store("payment").let_commits_pass(before);
    shop.fail_next_commit("payment", CommitFault::lost);
    EXPECT_TRUE(pay_again(operation, good_card).rejected("payment_pending"));
    EXPECT_TRUE(movements(id).empty());
  }
  EXPECT_TRUE(pay_again(operation, good_card).ok());
  EXPECT_TRUE(pay_again(operation, good_card).ok()) << "the same attempt is answered as the first";
  EXPECT_TRUE(pay_again({9, 9}, good_card).rejected("conflict"));
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
  EXPECT_TRUE(cancel(id).ok());
  EXPECT_EQ(movements(id), (Kinds{MovementKind::charge, MovementKind::refund}));
}

TEST_F(Orders, AreToldOfALostChargeThatItWasNotMadeRatherThanDeclined) {
  const auto id = placed({{product(10), 2}});
  const troupe::Uuid operation{8, 8};
  const auto charge = [&] {
    return shop.ask<order::payment::Api, order::payment::Charge>(id, operation, Money{1000, "USD"},
                                                                 std::string(good_card));
  };
  shop.restart();
  shop.fail_next_commit("sandbox", CommitFault::lost);
  const auto first = charge();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->verdict, order::payment::Verdict::pending);
  const auto repeated = charge();
  ASSERT_TRUE(repeated.ok()) << repeated.failure().code;
  EXPECT_EQ(repeated->verdict, order::payment::Verdict::not_charged);
  EXPECT_TRUE(movements(id).empty());
}

TEST_F(Orders, AreCertainlyNotPaidWherePaymentIsOutOfReach) {
  const auto id = placed({{product(10), 2}});
  const troupe::Uuid operation{8, 8};
  shop.restart();
  shop.fail_next_commit("payment", CommitFault::full);
  const auto paid = shop.ask<order::Api, order::Pay>(id, operation, std::string(good_card));
  EXPECT_TRUE(paid.rejected("unavailable")) << paid.failure().code;
  EXPECT_EQ(status(id), Status::placed);
  EXPECT_TRUE(movements(id).empty());
  EXPECT_TRUE((shop.ask<order::Api, order::Pay>(id, operation, std::string(good_card))).ok());
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
}

TEST_F(Orders, AreNotChargedByARequestThatWasDeclined) {
  const auto id = placed({{product(10), 2}});
  const troupe::Uuid operation{8, 8};
  shop.restart();
  shop.fail_next_commit("payment", CommitFault::lost);
  EXPECT_FALSE((shop.ask<order::Api, order::Pay>(id, operation, std::string(declined_card))).ok());
  for (const auto card : {declined_card, good_card}) {
    const auto refused = shop.ask<order::Api, order::Pay>(id, operation, std::string(card));
    EXPECT_TRUE(refused.rejected("payment_declined"));
  }
  EXPECT_EQ(status(id), Status::placed);
  EXPECT_TRUE(movements(id).empty());
}

TEST_F(Orders, KeepNoCard) {
  const auto id = paid({{product(10), 1}});
  const auto other = placed({{product(10), 1}});
  EXPECT_FALSE(pay(other, declined_card).ok());
  EXPECT_TRUE(pay(other, silent_card).ok());
  for (const char* protocol : {"order", "payment", "sandbox"}) {
    const std::filesystem::path& database = shop.store(protocol).file();
    for (const auto& file : {database, std::filesystem::path(database.string() + "-wal")}) {
      std::ifstream octets(file, std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(octets), {});
      for (const auto card : {good_card, declined_card, silent_card}) {
        EXPECT_EQ(content.find(card), std::string::npos) << file;
      }
    }
  }
  EXPECT_EQ(status(id), Status::paid);
}

TEST_F(Orders, ArePaidThoughTheProviderStaysSilent) {
  const auto id = placed({{product(10), 2}});
  const auto paid = pay(id, silent_card);
  ASSERT_TRUE(paid.ok()) << paid.failure().code;
  EXPECT_EQ(paid->status, Status::paid);
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
}

TEST_F(Orders, CanBeReadWhileTheProviderStaysSilent) {
  const auto id = placed({{product(10), 2}});
  EXPECT_TRUE(
      (shop.ask<order::Api, order::Pay>(id, troupe::Uuid{3, 3}, std::string(silent_card))).rejected("payment_pending"));
  be_patient_for(1ms);
  EXPECT_EQ(status(id), Status::placed);
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
  be_patient_for(10s);
  EXPECT_TRUE(
      (shop.ask<order::Api, order::Pay>(id, troupe::Uuid{4, 4}, std::string(good_card))).rejected("payment_pending"))
      << "another attempt waits for the first";
  shop.advance(1s);
  auto paid = shop.ask<order::Api, order::Pay>(id, troupe::Uuid{3, 3}, std::string(silent_card));
  ASSERT_TRUE(paid.ok());
  EXPECT_EQ(paid->status, Status::paid);
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
}

TEST_F(Orders, TurnPaidByThemselvesWhenTheDeadlineComesFirst) {
  const auto id = placed({{product(10), 2}});
  be_patient_for(500ms);
  const auto late = pay(id, silent_card);
  EXPECT_TRUE(late.unknown());
  be_patient_for(10s);
  rest();
  EXPECT_EQ(status(id), Status::paid);
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
}

TEST_F(Orders, AreNotChargedTwiceThoughEachAttemptIsCutOff) {
  const auto id = placed({{product(10), 2}});
  for (const auto patience : {100ms, 300ms, 300ms}) {
    be_patient_for(patience);
    EXPECT_TRUE(pay(id, silent_card).unknown());
  }
  be_patient_for(10s);
  EXPECT_TRUE(pay(id, good_card).rejected("conflict")) << "the first charge is found before another is made";
  EXPECT_EQ(status(id), Status::paid);
  EXPECT_EQ(movements(id), Kinds{MovementKind::charge});
}

TEST_F(Orders, AreRefundedWhenCancelledWhileAChargeIsUnknown) {
  const auto tea = product(10);
  const auto id = placed({{tea, 2}});
  be_patient_for(100ms);
  EXPECT_TRUE(pay(id, silent_card).unknown());
  be_patient_for(10s);
  EXPECT_TRUE(cancel(id).ok());
  EXPECT_EQ(movements(id), (Kinds{MovementKind::charge, MovementKind::refund}));
  expect_invariants({id});
}

TEST_F(Orders, AreShippedOnce) {
  const auto tea = product(10);
  const auto id = paid({{tea, 4}});
  EXPECT_TRUE((shop.ask<order::Api, order::Ship>(id, troupe::Uuid{3, 3}, std::string("P"), std::string("T"))
                   .rejected("forbidden")));
  as_admin();
  auto shipped = shop.ask<order::Api, order::Ship>(id, troupe::Uuid{3, 3}, std::string("P"), std::string("T"));
  ASSERT_TRUE(shipped.ok());
  EXPECT_EQ(shipped->status, Status::shipped);
  EXPECT_TRUE((shop.ask<order::Api, order::Ship>(id, troupe::Uuid{3, 3}, std::string("P"), std::string("T")).ok()));
  EXPECT_TRUE(ship(id).rejected("conflict"));
  EXPECT_TRUE(cancel(id).rejected("conflict"));
  EXPECT_EQ(units(tea), (Units{6, 0}));
  auto progress = shop.ask<order::Api, order::GetStatus>(id);
  ASSERT_EQ(progress->history.size(), 3U);
  EXPECT_EQ(progress->history[0].status, Status::placed);
  EXPECT_EQ(progress->history[1].status, Status::paid);
  EXPECT_EQ(progress->history[2].status, Status::shipped);
  expect_invariants({id});
}

TEST_F(Orders, ExpireUnlessTheyArePaid) {
  const auto tea = product(10);
  const auto unpaid = placed({{tea, 2}});
  const auto kept = paid({{tea, 1}});
  shop.advance(14min);
  EXPECT_TRUE(sweep());
  EXPECT_EQ(status(unpaid), Status::placed);
  shop.advance(2min);
  EXPECT_TRUE(sweep());
  EXPECT_EQ(status(unpaid), Status::expired);
  EXPECT_EQ(status(kept), Status::paid);
  EXPECT_EQ(units(tea), (Units{9, 1}));
  EXPECT_TRUE(cancel(unpaid).rejected("conflict"));
  EXPECT_TRUE(pay(unpaid).rejected("conflict"));
}

TEST_F(Orders, CantBePaidTooLateThoughNoSweepCame) {
  const auto tea = product(10);
  const auto id = placed({{tea, 2}});
  shop.advance(16min);
  EXPECT_TRUE(pay(id).rejected("conflict"));
  EXPECT_EQ(status(id), Status::expired);
  EXPECT_EQ(units(tea), (Units{10, 0}));
}

TEST_F(Orders, AreListedNewestFirst) {
  const auto tea = product(10);
  const auto first = placed({{tea, 1}});
  as(bob);
  const auto second = placed({{tea, 1}});
  ASSERT_TRUE(place(new_order(), {{tea, 100}}).rejected("out_of_stock"));
  as(ada);
  const auto third = placed({{tea, 1}});
  const auto ids = [&](std::optional<UserId> user) {
    std::optional<Reference<UserId>> filter;
    if (user) filter = Reference<UserId>{user->value};
    std::vector<OrderId> found;
    std::optional<troupe::Cursor> cursor;
    do {
      auto page = shop.ask_all<order::Api, order::List>(std::uint32_t{1}, cursor, filter);
      for (const auto& each : page->items) found.push_back(each.id);
      cursor = page->next_cursor;
    } while (cursor);
    return found;
  };
  EXPECT_EQ(ids(std::nullopt), (std::vector{third, second, first}));
  EXPECT_EQ(ids(ada), (std::vector{third, first}));
  EXPECT_TRUE(ids(UserId{}).empty());
}

TEST_F(Orders, OfAUserWhoIsGoneAreCancelled) {
  const auto tea = product(100);
  const auto open = placed({{tea, 1}});
  const auto settled = paid({{tea, 2}});
  const auto sent = paid({{tea, 3}});
  ASSERT_TRUE(ship(sent).ok());
  as(bob);
  const auto other = placed({{tea, 4}});
  as(ada);
  ASSERT_TRUE((shop.ask<order::customer::Api, order::customer::Leave>(ada).ok()));
  settle();
  EXPECT_EQ(status(open), Status::cancelled);
  EXPECT_EQ(status(settled), Status::cancelled);
  EXPECT_EQ(status(sent), Status::shipped);
  EXPECT_EQ(status(other), Status::placed);
  EXPECT_EQ(units(tea), (Units{93, 4}));

  const auto late = placed({{tea, 5}});  // by a request that had begun before
  as_node();
  shop.advance(3s);
  EXPECT_TRUE(shop.run(order::customer::follow_leaving({})).ok());
  settle();
  EXPECT_EQ(status(late), Status::cancelled);
  shop.advance(31s);
  EXPECT_TRUE(shop.run(order::customer::follow_leaving({})).ok());
  EXPECT_FALSE(shop.store("customer").find(ada).has_value()) << "nothing is left to do";
}

}  // namespace
}  // namespace shop::testing
