#include <algorithm>
#include <boost/json.hpp>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using ShopOrders = ShopTest;

constexpr const char* nothing = "01890000-0000-7000-8000-000000000000";

/// "product-id x quantity" of each line, in order.
std::vector<std::string> lines_of(const Json& order) {
  std::vector<std::string> result;
  for (const auto& item : order.at("items").as_array()) {
    result.push_back(text(item, "product_id") + " x " + std::to_string(number(item, "quantity")));
  }
  return result;
}

std::string line(const std::string& product, int quantity) { return product + " x " + std::to_string(quantity); }

TEST_F(ShopOrders, ArePlacedByCustomers) {
  const auto tea = create_product(admin(), {.name = "Tea", .price = 250, .stock = 10});
  const auto cup = create_product(admin(), {.name = "Cup", .price = 999, .stock = 10});
  auto user = customer();
  const auto answer = user.session.post("/orders", order_of({{tea, 3}, {cup, 1}}));
  ASSERT_TRUE(has_status(answer, 201));
  const auto order = answer.json();
  EXPECT_TRUE(has_fields(order, {"id", "user_id", "status", "items", "total", "created_at", "updated_at"}));
  EXPECT_EQ(text(order, "user_id"), user.id);
  EXPECT_EQ(text(order, "status"), "placed");
  EXPECT_EQ(order.at("total"), money(3 * 250 + 999));
  EXPECT_TRUE(is_time(order.at("created_at")));
  EXPECT_TRUE(is_time(order.at("updated_at")));
  EXPECT_EQ(answer.header("Location"), "/orders/" + text(order, "id"));
  ASSERT_EQ(lines_of(order), (std::vector{line(tea, 3), line(cup, 1)}));
  const auto& first = order.at("items").at(0);
  EXPECT_TRUE(has_fields(first, {"product_id", "name", "unit_price", "quantity"}));
  EXPECT_EQ(text(first, "name"), "Tea");
  EXPECT_EQ(first.at("unit_price"), money(250));
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{7, 3}));
  EXPECT_EQ(units(http, cup), (Units{9, 1}));
}

TEST_F(ShopOrders, AreNotPlacedEditedOrPaidByAdmins) {
  const auto product = create_product(admin());
  const auto order = "/orders/" + place(customer().session, {{product, 1}});
  EXPECT_TRUE(is_problem(admin().post("/orders", order_of({{product, 1}})), 403, "forbidden"));
  EXPECT_TRUE(is_problem(admin().put(order, order_of({{product, 1}})), 403, "forbidden"));
  EXPECT_TRUE(is_problem(admin().post(order + "/payment", {{"card", good_card}}), 403, "forbidden"));
}

TEST_F(ShopOrders, AreClosedToAnyoneWithoutAToken) {
  const auto product = create_product(admin());
  const auto order = "/orders/" + place(customer().session, {{product, 1}});
  auto http = anyone();
  for (const auto& [method, target] :
       {std::pair{"POST", std::string{"/orders"}}, std::pair{"GET", std::string{"/orders"}}, std::pair{"GET", order},
        std::pair{"PUT", order}, std::pair{"DELETE", order}, std::pair{"POST", order + "/payment"},
        std::pair{"POST", order + "/shipment"}, std::pair{"GET", order + "/status"},
        std::pair{"GET", "/payments?order_id=" + order.substr(8)}}) {
    EXPECT_TRUE(is_problem(http.send({method, target, {}, {}}), 401, "unauthenticated")) << method << ' ' << target;
  }
}

TEST_F(ShopOrders, AreClosedToOtherCustomers) {
  const auto product = create_product(admin(), {.stock = 10});
  const auto order = "/orders/" + place(customer().session, {{product, 1}});
  auto other = customer();
  EXPECT_TRUE(is_problem(other.session.get(order), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.get(order + "/status"), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.put(order, order_of({{product, 2}})), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.remove(order), 403, "forbidden"));
  EXPECT_TRUE(is_problem(other.session.post(order + "/payment", {{"card", good_card}}), 403, "forbidden"));
  const Json parcel{{"carrier", "Post"}, {"tracking", "T"}};
  EXPECT_TRUE(is_problem(other.session.post(order + "/shipment", parcel), 403, "forbidden"));
  auto http = anyone();
  EXPECT_EQ(units(http, product), (Units{9, 1}));
}

TEST_F(ShopOrders, AreNotFoundByAnIdThatNoneHas) {
  const auto product = create_product(admin());
  auto user = customer();
  const Json parcel{{"carrier", "Post"}, {"tracking", "T"}};
  for (const auto* id : {nothing, "nothing", "%00"}) {
    const auto order = std::string{"/orders/"} + id;
    EXPECT_TRUE(is_problem(user.session.get(order), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().get(order), 404, "not_found"));
    EXPECT_TRUE(is_problem(user.session.get(order + "/status"), 404, "not_found"));
    EXPECT_TRUE(is_problem(user.session.put(order, order_of({{product, 1}})), 404, "not_found"));
    EXPECT_TRUE(is_problem(user.session.remove(order), 404, "not_found"));
    EXPECT_TRUE(is_problem(user.session.post(order + "/payment", {{"card", good_card}}), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().post(order + "/shipment", parcel), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().get(std::string{"/payments?order_id="} + id), 404, "not_found"));
  }
}

TEST_F(ShopOrders, MergeAProductListedTwiceAtItsFirstPlace) {
  const auto tea = create_product(admin(), {.stock = 20'000});
  const auto cup = create_product(admin());
  auto user = customer();
  const auto order = user.session.post("/orders", order_of({{tea, 1}, {cup, 1}, {tea, 2}}));
  ASSERT_TRUE(has_status(order, 201));
  EXPECT_EQ(lines_of(order.json()), (std::vector{line(tea, 3), line(cup, 1)}));
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{19'997, 3}));
  EXPECT_TRUE(has_status(user.session.post("/orders", order_of({{tea, 9'999}, {tea, 1}})), 201));
  EXPECT_TRUE(is_problem(user.session.post("/orders", order_of({{tea, 9'999}, {tea, 2}})), 400, "invalid"));
}

TEST_F(ShopOrders, OfAnUnknownProductAreRefusedWhole) {
  const auto tea = create_product(admin(), {.stock = 5});
  auto user = customer();
  for (const auto* unknown : {nothing, "nothing", ""}) {
    const auto answer = user.session.post("/orders", order_of({{tea, 1}, {unknown, 1}}));
    EXPECT_TRUE(is_problem(answer, 404, "not_found")) << unknown;
  }
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{5, 0}));
  EXPECT_TRUE(list(user.session, "/orders").empty());
}

TEST_F(ShopOrders, ForMoreThanIsFreeAreRefusedWholeAndNameTheProduct) {
  const auto tea = create_product(admin(), {.stock = 5});
  const auto cup = create_product(admin(), {.name = "Porcelain cup", .stock = 5});
  auto user = customer();
  for (const auto& lines : {std::vector<Line>{{tea, 1}, {cup, 6}}, std::vector<Line>{{cup, 6}, {tea, 1}},
                            std::vector<Line>{{cup, 3}, {tea, 1}, {cup, 3}}}) {
    const auto answer = user.session.post("/orders", order_of(lines));
    ASSERT_TRUE(is_problem(answer, 422, "out_of_stock"));
    const auto detail = text(answer.json(), "detail");
    EXPECT_TRUE(detail.find("Porcelain cup") != detail.npos || detail.find(cup) != detail.npos) << detail;
  }
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{5, 0}));
  EXPECT_EQ(units(http, cup), (Units{5, 0}));
  EXPECT_TRUE(list(user.session, "/orders").empty());
}

TEST_F(ShopOrders, HaveOneCurrency) {
  const auto dollars = create_product(admin());
  const auto euros = create_product(admin(), {.currency = "EUR"});
  auto user = customer();
  EXPECT_TRUE(is_problem(user.session.post("/orders", order_of({{dollars, 1}, {euros, 1}})), 400, "invalid"));
  const auto order = place(user.session, {{dollars, 1}});
  EXPECT_TRUE(is_problem(user.session.put("/orders/" + order, order_of({{dollars, 1}, {euros, 1}})), 400, "invalid"));
  auto http = anyone();
  EXPECT_EQ(units(http, dollars), (Units{99, 1}));
  EXPECT_EQ(units(http, euros), (Units{100, 0}));
}

TEST_F(ShopOrders, NeverCostMoreThanMoneyCanSay) {
  const auto gold = create_product(admin(), {.price = 9'000'000'000});
  auto user = customer();
  EXPECT_EQ(user.session.post("/orders", order_of({{gold, 1}})).json().at("total"), money(9'000'000'000));
  EXPECT_TRUE(is_problem(user.session.post("/orders", order_of({{gold, 2}})), 400, "invalid"));
  auto http = anyone();
  EXPECT_EQ(units(http, gold), (Units{99, 1}));
}

TEST_F(ShopOrders, AreEditedByTheirOwnerAtTodaysNamesAndPrices) {
  const auto tea = create_product(admin(), {.name = "Tea", .price = 100, .stock = 10});
  const auto cup = create_product(admin(), {.name = "Cup", .price = 500, .stock = 10});
  auto user = customer();
  const auto order = "/orders/" + place(user.session, {{tea, 2}});
  ASSERT_TRUE(has_status(admin().put("/products/" + tea, {{"name", "Old tea"}, {"price", money(70)}}), 200));
  EXPECT_EQ(user.session.get(order).json().at("total"), money(200)) << "a placed order keeps its prices";
  const auto answer = user.session.put(order, order_of({{cup, 1}, {tea, 5}}));
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(lines_of(answer.json()), (std::vector{line(cup, 1), line(tea, 5)}));
  EXPECT_EQ(text(answer.json().at("items").at(1), "name"), "Old tea");
  EXPECT_EQ(answer.json().at("total"), money(500 + 5 * 70));
  EXPECT_EQ(text(answer.json(), "status"), "placed");
  EXPECT_EQ(user.session.get(order).json(), answer.json());
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{5, 5}));
  ASSERT_TRUE(has_status(user.session.put(order, order_of({{cup, 2}})), 200));
  EXPECT_EQ(units(http, tea), (Units{10, 0}));
  EXPECT_EQ(units(http, cup), (Units{8, 2}));
}

TEST_F(ShopOrders, CountTheirOwnUnitsAsFreeWhenEdited) {
  const auto tea = create_product(admin(), {.stock = 5});
  const auto cup = create_product(admin(), {.stock = 5});
  auto user = customer();
  const auto order = "/orders/" + place(user.session, {{tea, 4}});
  EXPECT_TRUE(has_status(user.session.put(order, order_of({{tea, 5}})), 200));
  const auto before = user.session.get(order).json();
  EXPECT_TRUE(is_problem(user.session.put(order, order_of({{cup, 1}, {tea, 6}})), 422, "out_of_stock"));
  EXPECT_TRUE(is_problem(user.session.put(order, order_of({{cup, 1}, {nothing, 1}})), 404, "not_found"));
  EXPECT_EQ(user.session.get(order).json(), before);
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{0, 5}));
  EXPECT_EQ(units(http, cup), (Units{5, 0}));
}

TEST_F(ShopOrders, GiveTheirStockBackWhenCancelled) {
  const auto tea = create_product(admin(), {.stock = 5});
  auto user = customer();
  const auto id = place(user.session, {{tea, 4}});
  const auto answer = user.session.remove("/orders/" + id);
  ASSERT_TRUE(has_status(answer, 204));
  EXPECT_TRUE(answer.body.empty());
  EXPECT_EQ(status_of(user.session, id), "cancelled");
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{5, 0}));
  EXPECT_TRUE(has_status(user.session.remove("/orders/" + id), 204)) << "again";
  EXPECT_TRUE(has_status(admin().remove("/orders/" + id), 204)) << "again";
  EXPECT_EQ(units(http, tea), (Units{5, 0}));
  EXPECT_TRUE(payments(admin(), id).empty());
}

TEST_F(ShopOrders, AreCancelledByAdmins) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto id = place(user.session, {{tea, 4}});
  ASSERT_TRUE(has_status(admin().remove("/orders/" + id), 204));
  EXPECT_EQ(status_of(user.session, id), "cancelled");
}

TEST_F(ShopOrders, ThatAreCancelledCannotGoOn) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto id = place(user.session, {{tea, 1}});
  const auto order = "/orders/" + id;
  ASSERT_TRUE(has_status(user.session.remove(order), 204));
  const Json parcel{{"carrier", "Post"}, {"tracking", "T"}};
  EXPECT_TRUE(is_problem(user.session.put(order, order_of({{tea, 1}})), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.post(order + "/payment", {{"card", good_card}}), 409, "conflict"));
  EXPECT_TRUE(is_problem(admin().post(order + "/shipment", parcel), 409, "conflict"));
  EXPECT_TRUE(payments(admin(), id).empty());
}

TEST_F(ShopOrders, AreShippedByAdminsOncePaid) {
  const auto tea = create_product(admin(), {.stock = 5});
  auto user = customer();
  const auto id = place(user.session, {{tea, 2}});
  const auto order = "/orders/" + id;
  const Json parcel{{"carrier", "Post"}, {"tracking", "T-1"}};
  EXPECT_TRUE(is_problem(admin().post(order + "/shipment", parcel), 409, "conflict"));
  pay(user.session, id);
  EXPECT_TRUE(is_problem(user.session.post(order + "/shipment", parcel), 403, "forbidden"));
  const auto answer = admin().post(order + "/shipment", parcel);
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(text(answer.json(), "status"), "shipped");
  EXPECT_EQ(answer.json(), user.session.get(order).json());
  auto http = anyone();
  EXPECT_EQ(units(http, tea), (Units{3, 0}));
  EXPECT_TRUE(is_problem(admin().post(order + "/shipment", parcel), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.remove(order), 409, "conflict"));
  EXPECT_TRUE(is_problem(admin().remove(order), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.put(order, order_of({{tea, 1}})), 409, "conflict"));
  EXPECT_TRUE(is_problem(user.session.post(order + "/payment", {{"card", good_card}}), 409, "conflict"));
  EXPECT_EQ(units(http, tea), (Units{3, 0}));
}

TEST_F(ShopOrders, TellTheirStatusAndItsHistory) {
  const auto tea = create_product(admin());
  auto user = customer();
  const auto shipped = place(user.session, {{tea, 1}});
  pay(user.session, shipped);
  ship(admin(), shipped);
  const auto cancelled = place(user.session, {{tea, 1}});
  ASSERT_TRUE(has_status(user.session.remove("/orders/" + cancelled), 204));
  const std::vector<std::pair<std::string, std::vector<std::string>>> expected{{shipped, {"placed", "paid", "shipped"}},
                                                                               {cancelled, {"placed", "cancelled"}}};
  for (const auto& [order, steps] : expected) {
    const auto answer = user.session.get("/orders/" + order + "/status");
    ASSERT_TRUE(has_status(answer, 200));
    const auto status = answer.json();
    EXPECT_TRUE(has_fields(status, {"status", "history"}));
    EXPECT_EQ(text(status, "status"), steps.back());
    const auto history = elements(status, "history");
    EXPECT_EQ(pluck(history, "status"), steps);
    for (const auto& step : history) {
      EXPECT_TRUE(has_fields(step, {"status", "at"}));
      EXPECT_TRUE(is_time(step.at("at")));
    }
    EXPECT_TRUE(std::ranges::is_sorted(pluck(history, "at")));
    EXPECT_EQ(admin().get("/orders/" + order + "/status").json(), status);
  }
}

TEST_F(ShopOrders, AreListedToTheirOwnerNewestFirst) {
  const auto tea = create_product(admin());
  auto user = customer();
  auto other = customer();
  const auto first = place(user.session, {{tea, 1}});
  place(other.session, {{tea, 1}});
  const auto second = place(user.session, {{tea, 1}});
  const auto third = place(user.session, {{tea, 1}});
  const std::vector<std::string> expected{third, second, first};
  EXPECT_EQ(pluck(list(user.session, "/orders"), "id"), expected);
  EXPECT_EQ(pluck(list(user.session, "/orders", 1), "id"), expected);
  EXPECT_EQ(pluck(list(user.session, "/orders?user_id=" + user.id, 2), "id"), expected);
  EXPECT_EQ(list(user.session, "/orders").front(), user.session.get("/orders/" + third).json());
  EXPECT_TRUE(is_problem(user.session.get("/orders?user_id=" + other.id), 403, "forbidden"));
  EXPECT_TRUE(is_problem(user.session.get("/orders?user_id=nobody"), 403, "forbidden"));
}

TEST_F(ShopOrders, AreListedToAdminsOfAllOrOfOneCustomer) {
  const auto tea = create_product(admin());
  auto user = customer();
  auto other = customer();
  const auto first = place(user.session, {{tea, 1}});
  const auto second = place(other.session, {{tea, 1}});
  const auto third = place(user.session, {{tea, 1}});
  const auto page = expecting(200, admin().get("/orders?limit=3")).json();
  EXPECT_TRUE(has_fields(page, {"items", "next_cursor"}));
  EXPECT_EQ(pluck(elements(page, "items"), "id"), (std::vector{third, second, first}));
  EXPECT_EQ(pluck(list(admin(), "/orders?user_id=" + user.id), "id"), (std::vector{third, first}));
}

TEST_F(ShopOrders, ArePagedWithoutDuplicatesOrGapsWhileNewOnesArePlaced) {
  const auto tea = create_product(admin());
  auto user = customer();
  std::vector<std::string> placed;
  for (int i = 0; i < 11; ++i) placed.push_back(place(user.session, {{tea, 1}}));
  std::ranges::reverse(placed);
  std::vector<std::string> seen;
  for (std::string next = "/orders?limit=3"; !next.empty();) {
    const auto page = expecting(200, user.session.get(next)).json();
    for (const auto& item : page.at("items").as_array()) seen.push_back(text(item, "id"));
    place(user.session, {{tea, 1}});
    const auto& cursor = page.at("next_cursor");
    next = cursor.is_null() ? "" : "/orders?limit=3&cursor=" + escaped(cursor.as_string());
  }
  EXPECT_EQ(seen, placed);
}

}  // namespace
}  // namespace shop::testing
