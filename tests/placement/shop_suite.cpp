#include "tests/placement/shop_suite.hpp"

#include <utility>

#include <troupe/gateway/idempotency.hpp>
#include "actors/order/order.hpp"
#include "actors/order/payment.hpp"
#include "actors/order/sandbox.hpp"
#include "actors/product/product.hpp"
#include "actors/user/routes.hpp"
#include "apps/shop/first_start.hpp"
#include "apps/shop/session_tokens.hpp"
#include "apps/shop/shop.hpp"
#include "tests/placement/shopper.hpp"
#include "tests/shop/shop_process.hpp"

namespace shop::testing {

using troupe::testing::Remains;
using troupe::testing::Residue;
using troupe::testing::Scenario;

namespace {

/// Waits until an order is what it becomes by itself.
void await_status(ScenarioDriver& driver, Shopper& who, const std::string& order, order::Status status) {
  driver.until(who.request("GET", order),
               [status](const HttpAnswer& a) { return a.status == 200 && a.as<order::View>().status == status; });
}

void happy(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "happy@shop.test");
  const auto tea = boss.create("Tea", 450, 10);
  const auto cup = boss.create("Cup", 1200, 4);
  const auto order = ada.place({{tea, 3}, {cup, 1}});
  ada.get(order);
  ada.get(order + "/status");
  driver.get("/products/" + tea);
  ada.post(order + "/payment", good_card);
  boss.get("/payments?order_id=" + id_of(order));
  boss.post(order + "/shipment", R"({"carrier":"Post","tracking":"T-1"})");
  ada.get(order + "/status");
  driver.get("/products/" + tea);
  ada.get(ada.path());
}

void refused(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "refused@shop.test");
  auto bob = sign_up(driver, "other@shop.test");
  const auto lamp = boss.create("Lamp", 1999, 2);
  const auto order = ada.place({{lamp, 1}});
  driver.get("/orders");
  driver.get("/nowhere");
  driver.ask({"PATCH", "/orders"});
  driver.post("/users", R"({"email":"no address","name":"","password":"short","more":1})");
  ada.post("/products", product_of("Mine", 1, 1));
  ada.get("/users/" + to_text(UserId{{1, 1}}));
  ada.post("/orders", order_of({{lamp, 5}}));
  ada.post("/orders", order_of({{lamp, 0}}));
  ada.post("/orders", order_of({{"no-product", 1}}));
  ada.post("/orders", "{");
  boss.post("/orders", order_of({{lamp, 1}}));
  bob.get(order);
  bob.remove(order);
  bob.post(order + "/payment", good_card);
  ada.post(order + "/shipment", R"({"carrier":"Post","tracking":"T-1"})");
  ada.get("/orders?limit=0&colour=red");
  driver.post("/sessions", R"({"email":"refused@shop.test","password":"another password"})");
  driver.get("/products/" + lamp);
}

void conflicting(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "conflict@shop.test");
  const auto chair = boss.create("Chair", 5000, 6);
  const std::string path = "/products/" + chair;
  const auto tag = driver.get(path).header("ETag");
  driver.get(path, {{"If-None-Match", tag}});
  const std::string dearer = R"({"name":"Armchair","price":{"amount":6000,"currency":"USD"}})";
  boss.put(path, dearer, {{"If-Match", tag}});
  boss.put(path, dearer, {{"If-Match", tag}});
  boss.post(path + "/stock", R"({"delta":-7})");
  boss.post(path + "/stock", R"({"delta":-1})");
  const auto order = ada.place({{chair, 2}});
  boss.remove(path);
  ada.post(order + "/payment", good_card);
  ada.post(order + "/payment", good_card);
  ada.put(order, order_of({{chair, 1}}));
  boss.post(order + "/shipment", R"({"carrier":"Post","tracking":"T-2"})");
  ada.remove(order);
  boss.remove(path);
  driver.get(path);
  boss.remove(boss.path());
}

void e_mails(ScenarioDriver& driver) {
  auto ada = sign_up(driver, "first@shop.test");
  driver.post("/users", profile_of("FIRST@shop.test", "Bob"));
  auto bob = sign_up(driver, "second@shop.test");
  bob.put(bob.path(), profile_of("First@shop.test", "Bob"));
  ada.put(ada.path(), R"({"email":"third@shop.test","name":"Ada"})");
  bob.put(bob.path(), R"({"email":"First@shop.test","name":"Robert"})");
  bob.get(bob.path());
  sign_up(driver, "second@shop.test");
  driver.post("/sessions", R"({"email":"first@SHOP.test","password":"a password of theirs"})");
}

void keys(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "keys@shop.test");
  const auto pen = boss.create("Pen", 300, 9);
  const Header key{"Idempotency-Key", "place-once"};
  ada.post("/orders", order_of({{pen, 2}}), {key});
  ada.post("/orders", order_of({{pen, 2}}), {key});
  ada.post("/orders", order_of({{pen, 3}}), {key});
  const Header refusal{"Idempotency-Key", "refused-once"};
  ada.post("/orders", order_of({{pen, 50}}), {refusal});
  boss.post("/products/" + pen + "/stock", R"({"delta":100})");
  ada.post("/orders", order_of({{pen, 50}}), {refusal});
  driver.get("/products/" + pen);
}

void payments(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "pays@shop.test");
  const auto hat = boss.create("Hat", 2500, 5);
  const auto order = ada.place({{hat, 1}});
  const auto query = "/payments?order_id=" + id_of(order);
  ada.post(order + "/payment", declined_card);
  ada.post(order + "/payment", R"({"card":"12"})");
  boss.get(query);
  ada.post(order + "/payment", silent_card);
  boss.get(query);
  ada.remove(order);
  ada.remove(order);
  boss.get(query);
  ada.get(order + "/status");
  driver.get("/products/" + hat);
}

void edits(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "edits@shop.test");
  const auto red = boss.create("Red yarn", 700, 5);
  const auto blue = boss.create("Blue yarn", 800, 5);
  const auto order = ada.place({{red, 2}, {blue, 1}, {red, 1}});
  ada.put(order, order_of({{red, 1}, {blue, 4}}));
  ada.put(order, order_of({{red, 1}, {blue, 6}}));
  driver.get("/products/" + red);
  driver.get("/products/" + blue);
  ada.put(order, order_of({{blue, 2}}));
  ada.remove(order);
  ada.put(order, order_of({{blue, 1}}));
  driver.get("/products/" + red);
  driver.get("/products/" + blue);
}

void pages(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "pages@shop.test");
  std::string last;
  for (int i = 1; i <= 7; ++i) last = boss.create("Page " + std::to_string(i), 100 * i, 10);
  for (int i = 0; i < 5; ++i) ada.place({{last, 1}});
  Shopper(driver).list("/products?q=page", 3);
  ada.list("/orders", 2);
  boss.list("/orders?user_id=" + id_of(ada.path()), 4);
  Shopper(driver).list("/products", 5);
}

void many_at_once(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "many@shop.test");
  const auto ticket = boss.create("Ticket", 9900, 5);
  driver.together(std::vector(8, ada.request("POST", "/orders", order_of({{ticket, 1}}))));
  driver.get("/products/" + ticket);
  driver.together(std::vector(4, Shopper(driver).request("POST", "/users", profile_of("race@shop.test", "Ada"))));
  sign_in(driver, "race@shop.test");
  const auto shelf = boss.create("Shelf", 100, 51);
  driver.together(std::vector(6, boss.request("POST", "/products/" + shelf + "/stock", R"({"delta":-10})")));
  driver.get("/products/" + shelf);
  const auto order = ada.place({{shelf, 1}});
  driver.together(std::vector(3, ada.request("POST", order + "/payment", good_card)));
  boss.get("/payments?order_id=" + id_of(order));
  driver.together(std::vector(3, ada.request("DELETE", order)));
  driver.get("/products/" + shelf);
}

void leaving(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "leaves@shop.test");
  const auto book = boss.create("Book", 1500, 5);
  const auto placed = ada.place({{book, 1}});
  const auto paid = ada.place({{book, 2}});
  ada.post(paid + "/payment", good_card);
  ada.remove(ada.path());
  ada.get(placed);
  await_status(driver, boss, placed, order::Status::cancelled);
  await_status(driver, boss, paid, order::Status::cancelled);
  boss.get("/payments?order_id=" + id_of(paid));
  driver.get("/products/" + book);
  sign_up(driver, "leaves@shop.test");
}

void expiry(ScenarioDriver& driver) {
  auto boss = admin(driver);
  auto ada = sign_up(driver, "late@shop.test");
  const auto vase = boss.create("Vase", 4500, 6);
  const auto paid = ada.place({{vase, 2}});
  ada.post(paid + "/payment", good_card);
  const auto unpaid = ada.place({{vase, 3}});
  await_status(driver, ada, unpaid, order::Status::expired);
  driver.get("/products/" + vase);
  ada.post(unpaid + "/payment", good_card);
  ada.remove(unpaid);
  ada.put(unpaid, order_of({{vase, 1}}));
  ada.get(unpaid + "/status");
  ada.get(paid + "/status");
  ada.list("/orders", 1);
}

/// An order that never came to be is remembered for a while, so that it can be placed again. One whose payment was lost
/// on the way remembers who asked for that.
Remains take_out_undone(order::State& s) {
  s.retried.reset();
  return s.step == order::Step::undone ? Remains::nothing : Remains::state;
}

/// Charges that were given up, or that the provider refused, are remembered, so that they are refused for good.
Remains take_out_given_up(order::payment::State& s) {
  s.given_up.clear();
  return s.charge || s.refund ? Remains::state : Remains::nothing;
}
Remains take_out_refused(order::sandbox::State& s) {
  s.refused.clear();
  return s.books.empty() ? Remains::nothing : Remains::state;
}

/// A payment that was lost on the way is made under another name than that of its request.
using OrderKeys = troupe::gateway::Idempotency<troupe::gateway::IdempotencyProtocol<"order">::Api>;
Remains take_out_operation(troupe::gateway::KeyRecord& record) {
  record.operation = {};
  return Remains::state;
}

/// A product remembers orders whose units were released, to refuse what comes late; a released order that came back
/// has left its place among those.
Remains take_out_released(product::State& s) {
  std::vector<OrderId> released;
  s.holds.each([&](OrderId order, const product::Hold& hold) {
    if (hold.stage == product::Hold::Stage::open && hold.quantity == 0) released.push_back(order);
    return true;
  });
  for (const auto order : released) s.holds.remove(order);
  std::vector<troupe::Uuid> left;
  s.retired.each([&](const troupe::Uuid& place, const product::Tombstone& tombstone) {
    const auto* hold = s.holds.find(tombstone.order);
    if (hold == nullptr || hold->retired != place) left.push_back(place);
    return true;
  });
  for (const auto& place : left) s.retired.remove(place);
  return Remains::state;
}

}  // namespace

troupe::node::Application shop_application() {
  troupe::node::Application application("shop", "test");
  application.sessions(&authenticate, "SHOP_TOKEN_KEY");
  application.add(Domains());
  application.on_start(&see_to_first_admin);
  return application;
}

std::vector<Scenario> shop_scenarios() {
  return {{"an order from placing to shipping", &happy},
          {"what is refused", &refused},
          {"what conflicts", &conflicting},
          {"e-mails that are taken", &e_mails},
          {"keys that come again", &keys},
          {"payments declined, silent and refunded", &payments},
          {"orders edited and cancelled", &edits},
          {"pages", &pages},
          {"many at once", &many_at_once},
          {"a user who leaves", &leaving}};
}

std::vector<Scenario> timed_scenarios() { return {{"orders that are not paid", &expiry}}; }

troupe::testing::EquivalenceOptions suite_options(std::string settings) {
  troupe::testing::EquivalenceOptions options;
  options.settings = std::move(settings);
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    for (const auto& [variable, value] : with_admin()) {
      if (variable == name) return value;
    }
    return std::nullopt;
  };
  options.attempt_counters = {"revision", "generation"};
  options.fields_of_chance = {"asked"};
  options.residue = {Residue::in<order::Order>(&take_out_undone),
                     Residue::in<order::payment::Payment>(&take_out_given_up),
                     Residue::in<order::sandbox::Sandbox>(&take_out_refused),
                     Residue::in<OrderKeys>(&take_out_operation), Residue::in<product::Product>(&take_out_released)};
  return options;
}

}  // namespace shop::testing
