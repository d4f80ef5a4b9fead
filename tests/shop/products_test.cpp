#include <algorithm>
#include <boost/json.hpp>

#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using ShopProducts = ShopTest;

Json change_of(std::string_view name, std::int64_t price = 1000) { return {{"name", name}, {"price", money(price)}}; }

std::string etag_of(const Answer& answer) { return answer.header("ETag").value_or(""); }

TEST_F(ShopProducts, AreCreatedByAdmins) {
  const auto answer = admin().post(
      "/products", {{"name", "Tea"}, {"description", "Green"}, {"price", money(1999, "EUR")}, {"stock", 7}});
  ASSERT_TRUE(has_status(answer, 201));
  const auto product = answer.json();
  EXPECT_TRUE(
      has_fields(product, {"id", "name", "description", "price", "stock", "reserved", "created_at", "updated_at"}));
  EXPECT_EQ(text(product, "name"), "Tea");
  EXPECT_EQ(text(product, "description"), "Green");
  EXPECT_EQ(product.at("price"), money(1999, "EUR"));
  EXPECT_EQ(number(product, "stock"), 7);
  EXPECT_EQ(number(product, "reserved"), 0);
  EXPECT_TRUE(is_time(product.at("created_at")));
  EXPECT_TRUE(is_time(product.at("updated_at")));
  EXPECT_EQ(answer.header("Location"), "/products/" + text(product, "id"));
}

TEST_F(ShopProducts, ShowAnAbsentDescriptionAsNull) {
  auto body = body_of({});
  EXPECT_TRUE(admin().post("/products", body).json().at("description").is_null());
  body.as_object()["description"] = nullptr;
  EXPECT_TRUE(admin().post("/products", body).json().at("description").is_null());
}

TEST_F(ShopProducts, AreKeptByAdminsOnly) {
  const auto product = "/products/" + create_product(admin());
  auto user = customer();
  auto stranger = anyone();
  for (const auto& [method, target] : {std::pair{"POST", std::string{"/products"}}, std::pair{"PUT", product},
                                       std::pair{"POST", product + "/stock"}, std::pair{"DELETE", product}}) {
    EXPECT_TRUE(is_problem(user.session.send({method, target, "{}", {}}), 403, "forbidden"));
    EXPECT_TRUE(is_problem(stranger.send({method, target, "{}", {}}), 401, "unauthenticated"));
  }
}

TEST_F(ShopProducts, AreReadByAnyone) {
  const auto created = admin().post("/products", body_of({.name = "Kettle"}));
  const auto target = *created.header("Location");
  EXPECT_EQ(admin().get(target).json(), created.json());
  EXPECT_EQ(customer().session.get(target).json(), created.json());
  const auto answer = anyone().get(target);
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(answer.json(), created.json());
}

TEST_F(ShopProducts, AreNotFoundByAnIdThatNoneHas) {
  for (const auto* id : {"nothing", "0", "01890000-0000-7000-8000-000000000000", "%F0%9F%8D%B5", "a%2Fb"}) {
    const auto target = std::string{"/products/"} + id;
    EXPECT_TRUE(is_problem(anyone().get(target), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().put(target, change_of("Tea")), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().post(target + "/stock", {{"delta", 1}}), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().remove(target), 404, "not_found"));
  }
}

TEST_F(ShopProducts, CarryAStrongEtagThatChangesWithAnyPartOfTheAnswer) {
  const auto id = create_product(admin());
  const auto target = "/products/" + id;
  auto http = anyone();
  const auto first = etag_of(http.get(target));
  EXPECT_TRUE(first.size() >= 3 && first.front() == '"' && first.back() == '"') << first;
  EXPECT_EQ(etag_of(http.get(target)), first);
  std::set<std::string> seen{first};
  ASSERT_TRUE(has_status(admin().put(target, change_of("Green tea")), 200));
  EXPECT_TRUE(seen.insert(etag_of(http.get(target))).second) << "after an edit";
  ASSERT_TRUE(has_status(admin().post(target + "/stock", {{"delta", 1}}), 200));
  EXPECT_TRUE(seen.insert(etag_of(http.get(target))).second) << "after a delivery";
  place(customer().session, {{id, 1}});
  EXPECT_TRUE(seen.insert(etag_of(http.get(target))).second) << "after an order";
}

TEST_F(ShopProducts, AreNotSentAgainToWhoHasThem) {
  const auto target = "/products/" + create_product(admin());
  auto http = anyone();
  const auto etag = etag_of(http.get(target));
  for (const auto& known : {etag, "W/" + etag, "\"other\", " + etag, std::string{"*"}}) {
    const auto answer = http.get(target, {{"If-None-Match", known}});
    ASSERT_TRUE(has_status(answer, 304)) << known;
    EXPECT_EQ(etag_of(answer), etag);
    EXPECT_TRUE(answer.body.empty());
  }
  EXPECT_TRUE(has_status(http.get(target, {{"If-None-Match", "\"other\""}}), 200));
}

TEST_F(ShopProducts, AreReplacedByAdmins) {
  const auto created =
      admin().post("/products", {{"name", "Tea"}, {"description", "Green"}, {"price", money(1000)}, {"stock", 7}});
  const auto target = *created.header("Location");
  const auto answer = admin().put(target, {{"name", "Coffee"}, {"price", money(2000, "EUR")}});
  ASSERT_TRUE(has_status(answer, 200));
  const auto product = answer.json();
  EXPECT_EQ(text(product, "name"), "Coffee");
  EXPECT_TRUE(product.at("description").is_null());
  EXPECT_EQ(product.at("price"), money(2000, "EUR"));
  EXPECT_EQ(number(product, "stock"), 7);
  EXPECT_EQ(product.at("created_at"), created.json().at("created_at"));
  EXPECT_GE(text(product, "updated_at"), text(created.json(), "updated_at"));
  EXPECT_EQ(anyone().get(target).json(), product);
}

TEST_F(ShopProducts, AreReplacedOnlyInTheVersionThatIfMatchNames) {
  const auto target = "/products/" + create_product(admin());
  const auto old = etag_of(anyone().get(target));
  ASSERT_TRUE(has_status(admin().put(target, change_of("Second"), {{"If-Match", old}}), 200));
  const auto current = etag_of(anyone().get(target));
  for (const auto& stale : {old, std::string{"\"other\""}, "W/" + current}) {
    const auto refused = admin().put(target, change_of("Third"), {{"If-Match", stale}});
    EXPECT_TRUE(is_problem(refused, 412, "precondition_failed")) << stale;
  }
  EXPECT_EQ(text(anyone().get(target).json(), "name"), "Second");
  EXPECT_TRUE(has_status(admin().put(target, change_of("Third"), {{"If-Match", old + ", " + current}}), 200));
  EXPECT_TRUE(has_status(admin().put(target, change_of("Fourth"), {{"If-Match", "*"}}), 200));
  EXPECT_TRUE(has_status(admin().put(target, change_of("Fifth")), 200));
}

TEST_F(ShopProducts, TakeOneOfTwoChangesThatNameTheSameVersion) {
  const auto target = "/products/" + create_product(admin());
  const auto etag = etag_of(anyone().get(target));
  std::vector<int> answers(8);
  in_parallel(8, [&, token = admin().token()](int i) {
    Session session{shop().address(), token};
    answers[static_cast<std::size_t>(i)] = session.put(target, change_of("Raced"), {{"If-Match", etag}}).status;
  });
  EXPECT_EQ(std::ranges::count(answers, 200), 1);
  EXPECT_EQ(std::ranges::count(answers, 412), 7);
}

TEST_F(ShopProducts, AreListedNewestFirst) {
  std::vector<std::string> created;
  for (int i = 0; i < 5; ++i) created.push_back(create_product(admin()));
  std::ranges::reverse(created);
  auto http = anyone();
  const auto answer = http.get("/products?limit=5");
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_TRUE(has_fields(answer.json(), {"items", "next_cursor"}));
  const auto items = elements(answer.json(), "items");
  EXPECT_EQ(pluck(items, "id"), created);
  EXPECT_EQ(items.at(0), http.get("/products/" + created.front()).json());
}

TEST_F(ShopProducts, ComeFiftyToAPageByDefault) {
  auto http = anyone();
  for (int i = 0; i < 51; ++i) create_product(admin());
  const auto page = http.get("/products").json();
  EXPECT_EQ(page.at("items").as_array().size(), 50U);
  EXPECT_TRUE(page.at("next_cursor").is_string());
}

TEST_F(ShopProducts, ArePagedWithoutDuplicatesOrGapsWhileTheListChanges) {
  std::vector<std::string> created;
  for (int i = 0; i < 23; ++i) created.push_back(create_product(admin(), {.name = "Paged"}));
  std::ranges::reverse(created);
  auto http = anyone();
  std::vector<std::string> seen;
  std::string next = "/products?q=paged&limit=5";
  while (!next.empty()) {
    const auto page = expecting(200, http.get(next)).json();
    for (const auto& item : page.at("items").as_array()) seen.push_back(text(item, "id"));
    EXPECT_LE(page.at("items").as_array().size(), 5U);
    create_product(admin(), {.name = "Paged"});
    if (seen.size() == 5) {
      ASSERT_TRUE(has_status(admin().remove("/products/" + seen[2]), 204));
    }
    const auto& cursor = page.at("next_cursor");
    next = cursor.is_null() ? "" : "/products?q=paged&limit=5&cursor=" + escaped(cursor.as_string());
  }
  EXPECT_EQ(seen, created) << "what came later stands before the first page, and a cursor outlives what it points at";
}

TEST_F(ShopProducts, AreFoundByAPartOfTheirNameWithoutRegardToCase) {
  const std::vector<std::pair<std::string, std::string>> finds{
      {"Xylophone", "xyLO"},    {"Bratäpfel", "ÄPFEL"}, {"ÉCLAIR", "clair"},   {"éclair two", "ÉCLAIR"},
      {"Чай чёрный", "ЧЁРНЫЙ"}, {"ΚΑΦΕΣ", "καφε"},      {"100% wool", "0% w"}, {"snake_case", "E_C"},
      {"back\\slash", "k\\S"},  {"it's", "T'S"},        {"\"quoted\"", "\"Q"}};
  auto http = anyone();
  for (const auto& [name, part] : finds) {
    const auto id = create_product(admin(), {.name = name});
    const auto found = pluck(list(http, "/products?q=" + escaped(part)), "id");
    EXPECT_EQ(std::ranges::count(found, id), 1) << name << " by " << part;
  }
  for (const auto* wildcard : {"x%ylo", "xyl_phone", "xylophone_", "%25", "*"}) {
    EXPECT_TRUE(list(http, "/products?q=" + escaped(wildcard)).empty()) << wildcard;
  }
}

TEST_F(ShopProducts, ChangeTheirStockByADelta) {
  const auto target = "/products/" + create_product(admin(), {.stock = 10});
  const auto more = admin().post(target + "/stock", {{"delta", 5}});
  ASSERT_TRUE(has_status(more, 200));
  EXPECT_EQ(number(more.json(), "stock"), 15);
  EXPECT_EQ(anyone().get(target).json(), more.json());
  EXPECT_EQ(number(admin().post(target + "/stock", {{"delta", -15}}).json(), "stock"), 0);
  EXPECT_TRUE(is_problem(admin().post(target + "/stock", {{"delta", -1}}), 409, "conflict"));
  EXPECT_EQ(number(anyone().get(target).json(), "stock"), 0);
}

TEST_F(ShopProducts, KeepReservedUnitsOutOfReachOfADelta) {
  const auto id = create_product(admin(), {.stock = 10});
  place(customer().session, {{id, 4}});
  EXPECT_TRUE(is_problem(admin().post("/products/" + id + "/stock", {{"delta", -7}}), 409, "conflict"));
  EXPECT_TRUE(has_status(admin().post("/products/" + id + "/stock", {{"delta", -6}}), 200));
  auto http = anyone();
  EXPECT_EQ(units(http, id), (Units{0, 4}));
}

TEST_F(ShopProducts, NeverHoldMoreThanTheLargestStock) {
  const auto id = create_product(admin(), {.stock = 1'000'000'000});
  const auto answer = admin().post("/products/" + id + "/stock", {{"delta", 1}});
  EXPECT_TRUE(answer.status == 400 || answer.status == 409) << describe(answer);
  auto http = anyone();
  EXPECT_EQ(units(http, id), (Units{1'000'000'000, 0}));
}

TEST_F(ShopProducts, VanishWhenDeleted) {
  const auto id = create_product(admin(), {.name = "Vanishing"});
  const auto target = "/products/" + id;
  ASSERT_TRUE(has_status(admin().remove(target), 204));
  EXPECT_TRUE(is_problem(anyone().get(target), 404, "not_found"));
  EXPECT_TRUE(is_problem(admin().put(target, change_of("Tea")), 404, "not_found"));
  EXPECT_TRUE(is_problem(admin().put(target, change_of("Tea"), {{"If-Match", "*"}}), 404, "not_found"));
  EXPECT_TRUE(is_problem(admin().post(target + "/stock", {{"delta", 1}}), 404, "not_found"));
  EXPECT_TRUE(is_problem(admin().remove(target), 404, "not_found"));
  EXPECT_TRUE(is_problem(customer().session.post("/orders", order_of({{id, 1}})), 404, "not_found"));
  auto http = anyone();
  EXPECT_TRUE(list(http, "/products?q=vanishing").empty());
}

TEST_F(ShopProducts, CannotBeDeletedWhileAnOrderHoldsUnits) {
  const auto id = create_product(admin(), {.name = "Held"});
  auto user = customer();
  const auto cancelled = place(user.session, {{id, 1}});
  EXPECT_TRUE(is_problem(admin().remove("/products/" + id), 409, "conflict"));
  ASSERT_TRUE(has_status(user.session.remove("/orders/" + cancelled), 204));
  const auto shipped = place(user.session, {{id, 1}});
  pay(user.session, shipped);
  EXPECT_TRUE(is_problem(admin().remove("/products/" + id), 409, "conflict"));
  ship(admin(), shipped);
  EXPECT_TRUE(has_status(admin().remove("/products/" + id), 204));
  const auto kept = user.session.get("/orders/" + shipped).json();
  EXPECT_EQ(text(kept.at("items").at(0), "name"), "Held") << "orders remember what was sold";
}

}  // namespace
}  // namespace shop::testing
