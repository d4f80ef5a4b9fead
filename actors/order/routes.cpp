#include "actors/order/routes.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <troupe/actor.hpp>
#include "actors/order/api.hpp"
#include "actors/order/payment_api.hpp"

namespace shop::order {

using troupe::Rejected;
using troupe::Task;
using troupe::gateway::Call;
using troupe::http::Method;

namespace {

struct PayOrder {
  std::string card;

  static void check(troupe::Checker<PayOrder>& c) { c.field(&PayOrder::card).matches(&Pay::is_card, "13 to 19 digits"); }
};

struct ShipOrder {
  std::string carrier;
  std::string tracking;

  static void check(troupe::Checker<ShipOrder>& c) {
    c.field(&ShipOrder::carrier).length(1, 100);
    c.field(&ShipOrder::tracking).length(1, 100);
  }
};

struct ListPayments {
  Reference<OrderId> order_id;
};

constexpr const char* no_such_order = "there is no such order";

/// How soon a payment is asked for again whose provider stays silent.
constexpr auto ask_again_after = std::chrono::milliseconds(500);

Task<View> pay(Call call, PayOrder body) {
  const auto order = troupe::parse_id<OrderId>(call.path(0));
  if (!order) co_return Rejected{"not_found", no_such_order};
  const auto to = troupe::actor<Api>(*order);
  for (;;) {
    auto paid = co_await to.try_ask<Pay>(call.operation(), body.card);
    if (paid.ok()) co_return *std::move(paid);
    if (!paid.rejected("payment_pending")) co_return std::move(paid).failure();
    // Ends with the request's deadline, as an unknown outcome; the order then turns paid by itself.
    co_await troupe::pause(ask_again_after);
  }
}

Task<View> ship(Call call, ShipOrder body) {
  const auto order = troupe::parse_id<OrderId>(call.path(0));
  if (!order) co_return Rejected{"not_found", no_such_order};
  co_return co_await troupe::actor<Api>(*order).ask<Ship>(call.operation(), std::move(body.carrier),
                                                          std::move(body.tracking));
}

Task<payment::Movements> list_payments(Call, ListPayments query) {
  const OrderId order = query.order_id.id();
  static_cast<void>(co_await troupe::actor<Api>(order).ask<GetStatus>());
  co_return co_await troupe::actor<payment::Api>(order).ask<payment::List>();
}

}  // namespace

void routes(troupe::gateway::Routes& r) {
  r.problem("out_of_stock", 422, "Out of stock").problem("payment_declined", 422, "Payment declined");
  r.post<Api, Place>("/orders").role("customer").creates().says("Places an order").rejects("not_found", "out_of_stock");
  r.get<Api, Get>("/orders/{id}").signed_in().says("Shows an order").rejects("forbidden");
  r.get<Api, List>("/orders").signed_in().own_unless("admin", &List::user_id).says("Lists orders, newest first");
  r.put<Api, Edit>("/orders/{id}")
      .role("customer")
      .says("Replaces the items of a placed order")
      .rejects("conflict", "out_of_stock");
  r.remove<Api, Cancel>("/orders/{id}")
      .signed_in()
      .says("Cancels a placed or paid order")
      .rejects("forbidden", "conflict");
  r.handle<PayOrder, View>(Method::post, "/orders/{id}/payment", &pay)
      .role("customer")
      .says("Pays an order by card")
      .rejects("not_found", "conflict", "payment_declined");
  r.handle<ShipOrder, View>(Method::post, "/orders/{id}/shipment", &ship)
      .role("admin")
      .says("Hands a paid order to a carrier")
      .rejects("not_found", "conflict");
  r.get<Api, GetStatus>("/orders/{id}/status")
      .signed_in()
      .says("Tells an order's status, and those before it")
      .rejects("forbidden");
  r.handle<ListPayments, payment::Movements>(Method::get, "/payments", &list_payments)
      .role("admin")
      .says("Lists what the payment provider did for an order")
      .rejects("not_found");
}

}  // namespace shop::order
