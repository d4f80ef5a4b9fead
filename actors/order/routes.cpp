#include <chrono>
#include <string>
#include <utility>

#include <troupe/actor.hpp>
#include <troupe/gateway/routes.hpp>
#include "actors/order/declaration.hpp"

namespace shop::order {

using troupe::Rejected;
using troupe::Task;
using troupe::gateway::Call;
using troupe::http::Method;

namespace {

struct ListPayments {
  Reference<OrderId> order_id;
};

/// How soon a payment is asked for again whose provider stays silent.
constexpr auto ask_again_after = std::chrono::milliseconds(500);

Task<View> pay(Call call, Pay m) {
  const auto order = troupe::parse_id<OrderId>(call.path(0));
  if (!order) co_return Rejected{"not_found", "there is no such order"};
  for (;;) {
    auto paid = co_await order->try_ask<Pay>(m.operation, m.card);
    if (paid.ok()) co_return *std::move(paid);
    if (!paid.rejected("payment_pending")) co_return std::move(paid).failure();
    // Ends with the request's deadline, as an unknown outcome; the order then turns paid by itself.
    co_await troupe::pause(ask_again_after);
  }
}

Task<payment::Movements> list_payments(Call, ListPayments query) {
  const OrderId order = query.order_id.id();
  static_cast<void>(co_await order.ask<GetStatus>());
  co_return co_await troupe::actor<payment::Api>(order).ask<payment::List>();
}

}  // namespace

void Declaration::routes(troupe::gateway::Routes& r) {
  r.problem("out_of_stock", 422, "Out of stock").problem("payment_declined", 422, "Payment declined");
  r.post<Api, Place>("/orders").role("customer").creates().says("Places an order");
  r.get<Api, Get>("/orders/{id}").signed_in().says("Shows an order");
  r.get<Api, List>("/orders").signed_in().own_unless("admin", &List::user_id).says("Lists orders, newest first");
  r.put<Api, Edit>("/orders/{id}").role("customer").says("Replaces the items of a placed order");
  r.remove<Api, Cancel>("/orders/{id}").signed_in().says("Cancels a placed or paid order");
  r.handle<Pay, View>(Method::post, "/orders/{id}/payment", &pay)
      .role("customer")
      .fills_operation(&Pay::operation)
      .named("pay_order")
      .says("Pays an order by card")
      .rejects("not_found", "conflict", "payment_declined");
  r.post<Api, Ship>("/orders/{id}/shipment")
      .role("admin")
      .fills_operation(&Ship::operation)
      .named("ship_order")
      .says("Hands a paid order to a carrier");
  r.get<Api, GetStatus>("/orders/{id}/status").signed_in().says("Tells an order's status, and those before it");
  r.handle<ListPayments, payment::Movements>(Method::get, "/payments", &list_payments)
      .role("admin")
      .says("Lists what the payment provider did for an order")
      .rejects("not_found");
}

}  // namespace shop::order
