#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using Payments = ShopTest;
using Kinds = std::vector<std::string>;

Json card(std::string_view digits) { return {{"card", digits}}; }

TEST_F(Payments, TurnAnOrderPaid) {
  const auto tea = create_product(admin(), {.price = 1250, .stock = 5});
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  const auto answer = user.session.post("/orders/" + order + "/payment", card(good_card));
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(text(answer.json(), "status"), "paid");
  EXPECT_EQ(answer.json(), user.session.get("/orders/" + order).json());
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{3, 2})) << "paid orders still hold their units";

  const auto listing = admin().get("/payments?order_id=" + order);
  ASSERT_TRUE(has_status(listing, 200));
  EXPECT_TRUE(has_fields(listing.json(), {"items"}));
  ASSERT_EQ(listing.json().at("items").as_array().size(), 1U);
  const auto charge = listing.json().at("items").at(0);
  EXPECT_TRUE(has_fields(charge, {"operation", "kind", "amount", "at"}));
  EXPECT_FALSE(text(charge, "operation").empty());
  EXPECT_EQ(text(charge, "kind"), "charge");
  EXPECT_EQ(charge.at("amount"), money(2500));
  EXPECT_TRUE(is_time(charge.at("at")));
}

TEST_F(Payments, LeaveTheOrderPlacedWhenDeclined) {
  const auto tea = create_product(admin(), {.stock = 5});
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  for (const auto* refused : {declined_card, "5555555555554444", "0000000000000", "1234567890123456789"}) {
    const auto answer = user.session.post("/orders/" + order + "/payment", card(refused));
    EXPECT_TRUE(is_problem(answer, 422, "payment_declined")) << refused;
  }
  EXPECT_EQ(status_of(user.session, order), "placed");
  EXPECT_TRUE(payments(admin(), order).empty());
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{3, 2}));
  pay(user.session, order);
  EXPECT_EQ(payments(admin(), order), Kinds{"charge"});
}

TEST_F(Payments, AreTakenOnce) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  pay(user.session, order);
  EXPECT_TRUE(is_problem(user.session.post("/orders/" + order + "/payment", card(good_card)), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.put("/orders/" + order, order_of({{tea, 1}})), 409, "conflict"));
  EXPECT_EQ(payments(admin(), order), Kinds{"charge"});
}

TEST_F(Payments, AreTakenOnceUnderConcurrentAttempts) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  std::vector<int> answers(8);
  in_parallel(8, [&](int i) {
    Session session{shop().address(), user.session.token()};
    const auto answer = session.post("/orders/" + order + "/payment", card(good_card));
    answers[static_cast<std::size_t>(i)] = answer.status;
  });
  EXPECT_GE(std::ranges::count(answers, 200), 1);
  for (const int status : answers) EXPECT_TRUE(status == 200 || status == 409) << status;
  EXPECT_EQ(status_of(user.session, order), "paid");
  EXPECT_EQ(payments(admin(), order), Kinds{"charge"});
}

TEST_F(Payments, AreRefundedWhenAPaidOrderIsCancelled) {
  const auto tea = create_product(admin(), {.price = 700, .stock = 5});
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  pay(user.session, order);
  ASSERT_TRUE(has_status(user.session.remove("/orders/" + order), 204));
  EXPECT_EQ(status_of(user.session, order), "cancelled");
  const auto items = elements(admin().get("/payments?order_id=" + order).json(), "items");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(text(items.at(0), "kind"), "charge");
  EXPECT_EQ(text(items.at(1), "kind"), "refund");
  EXPECT_EQ(items.at(1).at("amount"), money(1400));
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{5, 0}));
  EXPECT_TRUE(has_status(user.session.remove("/orders/" + order), 204));
  EXPECT_EQ(payments(admin(), order), (Kinds{"charge", "refund"})) << "refunded once";
}

TEST_F(Payments, SettleByThemselvesWhenTheProviderStaysSilent) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  const auto answer = user.session.post("/orders/" + order + "/payment", card(silent_card));
  if (answer.status != 200) {
    EXPECT_TRUE(is_problem(answer, 504, "timeout"));
  }
  if (answer.status == 200) {
    EXPECT_EQ(text(answer.json(), "status"), "paid");
  }
  EXPECT_TRUE(eventually([&] { return status_of(user.session, order) == "paid"; }));
  EXPECT_EQ(payments(admin(), order), Kinds{"charge"});
}

TEST_F(Payments, AreTakenOnceThoughSilentAttemptsAreRepeated) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  const auto target = "/orders/" + order + "/payment";
  in_parallel(3, [&](int i) {
    Session session{shop().address(), user.session.token()};
    const auto status = session.post(target, card(i < 2 ? silent_card : good_card)).status;
    EXPECT_TRUE(status == 200 || status == 409 || status == 503 || status == 504) << status;
  });
  EXPECT_TRUE(eventually([&] { return status_of(user.session, order) == "paid"; }));
  EXPECT_TRUE(is_problem(user.session.post(target, card(good_card)), 409, "conflict"));
  EXPECT_EQ(payments(admin(), order), Kinds{"charge"});
}

TEST_F(Payments, OfSilentProvidersAreRefundedWhenTheOrderIsCancelledMeanwhile) {
  const auto tea = create_product(admin(), {.stock = 5});
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  Background payer{[&] {
    Session session{shop().address(), user.session.token()};
    const auto status = session.post("/orders/" + order + "/payment", card(silent_card)).status;
    EXPECT_TRUE(status == 200 || status == 409 || status == 503 || status == 504) << status;
  }};
  EXPECT_TRUE(eventually([&] { return !payments(admin(), order).empty(); }));
  const auto cancelled = [&] { return user.session.remove("/orders/" + order).status == 204; };
  EXPECT_TRUE(eventually(cancelled)) << "at the latest once the payment has settled";
  payer.wait();
  EXPECT_TRUE(eventually([&] { return payments(admin(), order) == Kinds{"charge", "refund"}; }));
  EXPECT_EQ(status_of(user.session, order), "cancelled");
  auto http = anyone();
  EXPECT_TRUE(eventually([&] { return units(http, tea) == Units{5, 0}; }));
}

TEST_F(Payments, AreShownToAdminsOnly) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto order = place(user.session, {{tea, 2}});
  EXPECT_TRUE(is_problem(user.session.get("/payments?order_id=" + order), 403, "forbidden"));
  EXPECT_TRUE(is_invalid(admin().get("/payments"), {"?order_id"}));
}

/// Whether any file below the folder contains the text.
::testing::AssertionResult mentioned_in(const std::filesystem::path& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream content;
    content << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
    if (content.str().find(text) != std::string::npos) return ::testing::AssertionSuccess() << entry.path();
  }
  return ::testing::AssertionFailure();
}

TEST_F(Payments, NeverStoreOrLogACard) {
  const auto tea = create_product(admin());
  auto user = customer();
  for (const auto* number : {"5105105105105100", declined_card, silent_card, good_card}) {
    const auto order = place(user.session, {{tea, 1}});
    const auto target = "/orders/" + order + "/payment";
    user.session.post(target, card(number), {{"Idempotency-Key", order}});
    user.session.post(target + "?card=" + number, card(number));
    user.session.post(target, {{"card", std::string{number} + "x"}});
    if (!shop().is_ours()) continue;
    EXPECT_FALSE(mentioned_in(shop().folder(), number));
    EXPECT_EQ(shop().process().child().standard_error().find(number), std::string::npos);
    EXPECT_EQ(shop().process().child().standard_output().find(number), std::string::npos);
  }
}

TEST(Expiry, EndsAnOrderThatIsNotPaidInTime) {
  RunningShop shop{{.settings = "[settings.order]\nunpaid_after = \"2s\"\n"}};
  auto admin = shop.admin();
  auto user = sign_up(shop.address());
  const auto tea = create_product(admin, {.stock = 10});
  const auto paid = place(user.session, {{tea, 1}});
  pay(user.session, paid);
  const auto id = place(user.session, {{tea, 4}});
  const auto order = "/orders/" + id;
  EXPECT_TRUE(eventually([&] { return status_of(user.session, id) == "expired"; }));
  EXPECT_TRUE(eventually([&] { return units(admin, tea) == Units{9, 1}; }));
  EXPECT_TRUE(is_problem(user.session.remove(order), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.put(order, order_of({{tea, 1}})), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.post(order + "/payment", card(good_card)), 409, "conflict"));
  const auto history = elements(user.session.get(order + "/status").json(), "history");
  EXPECT_EQ(pluck(history, "status"), (Kinds{"placed", "expired"}));
  EXPECT_TRUE(payments(admin, id).empty());
  EXPECT_EQ(status_of(user.session, paid), "paid");
}

}  // namespace
}  // namespace shop::testing
