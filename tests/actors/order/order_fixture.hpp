#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <troupe/testing/world.hpp>
#include "actors/order/customer.hpp"
#include "actors/order/declaration.hpp"
#include "actors/order/order.hpp"
#include "actors/order/payment_api.hpp"
#include "actors/order/sandbox.hpp"
#include "actors/product/declaration.hpp"

namespace shop::testing {

using order::Status;
using troupe::Outcome;
using troupe::testing::CommitFault;
using troupe::testing::World;
using namespace std::chrono_literals;

using Wanted = std::vector<std::pair<ProductId, std::uint32_t>>;

inline constexpr UserId ada{{5, 1}};

inline constexpr std::string_view good_card = order::sandbox::approved_card;
inline constexpr std::string_view silent_card = order::sandbox::silent_card;
inline constexpr std::string_view declined_card = "4000000000000002";

/// A small shop on virtual time: products, orders and the sandbox provider; users only as principals. Sweeps come when
/// a test runs them. At first nothing is asked again, so that a failure reaches its caller.
class OrderShop {
 public:
  explicit OrderShop(std::uint64_t seed = 7) : shop(seed) {
    shop.add<order::Declaration>().add<product::Declaration>();
    shop.without_sweeps().attempts(1).start();
  }
  ~OrderShop() { EXPECT_THAT(shop.reports(), ::testing::SizeIs(killed_)); }

  void as(UserId user) { shop.as(troupe::Principal::of_user(user.value, "customer")); }
  void as_admin() { shop.as(troupe::Principal::of_user({9, 9}, "admin")); }
  void as_node() { shop.as(troupe::Principal::of_node("test")); }
  /// How long callers wait from now on.
  void be_patient_for(std::chrono::milliseconds time) {
    patience_ = time;
    shop.deadline(time);
  }

  ProductId product(std::int64_t stock, std::int64_t price = 500, const std::string& currency = "USD") {
    const ProductId id{next_id()};
    const auto before = shop.principal();
    as_admin();
    auto made = shop.ask<product::Api, product::Create>(id, "Tea " + std::to_string(id.value.low), std::nullopt,
                                                        Money{price, currency}, stock);
    EXPECT_TRUE(made.ok());
    shop.as(before);
    put_in[id] = stock;
    return id;
  }

  OrderId new_order() { return OrderId{next_id()}; }

  static std::vector<order::Item> items(const Wanted& wanted) {
    std::vector<order::Item> items;
    for (const auto& [product, quantity] : wanted) items.push_back({{product.value}, quantity});
    return items;
  }

  Outcome<order::View> place(OrderId id, const Wanted& wanted) {
    return shop.ask<order::Api, order::Place>(id, items(wanted));
  }
  OrderId placed(const Wanted& wanted) {
    const OrderId id = new_order();
    auto order = place(id, wanted);
    EXPECT_TRUE(order.ok()) << (order.ok() ? "" : order.failure().code + " " + order.failure().detail);
    return id;
  }
  Outcome<order::View> edit(OrderId id, const Wanted& wanted) {
    return shop.ask<order::Api, order::Edit>(id, items(wanted));
  }
  Outcome<troupe::Done> cancel(OrderId id) { return shop.ask<order::Api, order::Cancel>(id); }
  /// As the route does: asked again while the provider stays silent, for as long as the caller's patience lasts.
  Outcome<order::View> pay(OrderId id, std::string_view card = good_card) {
    const troupe::Uuid operation = next_id();
    const auto end = shop.now() + patience_;
    for (;;) {
      auto paid = shop.ask<order::Api, order::Pay>(id, operation, std::string(card));
      if (!paid.rejected("payment_pending")) return paid;
      if (shop.now() + 500ms > end) return troupe::Failure(troupe::Failure::Kind::unknown, "timeout");
      shop.advance(500ms);
    }
  }
  Outcome<order::View> ship(OrderId id) {
    const auto before = shop.principal();
    as_admin();
    auto shipped = shop.ask<order::Api, order::Ship>(id, next_id(), std::string("Post"), std::string("T1"));
    shop.as(before);
    return shipped;
  }
  OrderId paid(const Wanted& wanted) {
    const OrderId id = placed(wanted);
    EXPECT_TRUE(pay(id).ok());
    return id;
  }

  Outcome<order::View> get(OrderId id) {
    const auto before = shop.principal();
    as_node();
    auto order = shop.ask<order::Api, order::Get>(id);
    shop.as(before);
    return order;
  }
  Status status(OrderId id) {
    auto order = get(id);
    EXPECT_TRUE(order.ok());
    return order.ok() ? order->status : Status::expired;
  }
  /// Free and reserved units.
  std::pair<std::int64_t, std::int64_t> units(ProductId id) {
    auto product = shop.ask<product::Api, product::Get>(id);
    EXPECT_TRUE(product.ok());
    return {product->stock, product->reserved};
  }
  std::vector<order::payment::MovementKind> movements(OrderId id) {
    auto movements = shop.ask<order::payment::Api, order::payment::List>(id);
    EXPECT_TRUE(movements.ok());
    std::vector<order::payment::MovementKind> kinds;
    for (const auto& movement : movements->items) kinds.push_back(movement.kind);
    return kinds;
  }

  /// One run of the sweep, as a node makes it; whether it got through.
  [[nodiscard]] bool sweep() {
    const auto principal = shop.principal();
    const auto patience = patience_;
    as_node();
    be_patient_for(10s);
    const bool whole = shop.run(order::settle_due({}, troupe::Duration{0})).ok();
    be_patient_for(patience);
    shop.as(principal);
    return whole;
  }
  /// Ends a part of the supervision tree, of which its supervisor tells.
  void kill(const std::string& path) {
    shop.kill(path);
    ++killed_;
  }
  /// Lets what was sent arrive.
  void settle() { shop.advance(1s); }
  /// Lets everything that was left half done settle by itself.
  void rest() {
    for (int i = 0; i < 6; ++i) {
      shop.advance(4s);
      EXPECT_TRUE(sweep());
    }
  }

  /// The contract's invariants 1, 3 and 4, over every product and all orders.
  void expect_invariants(const std::vector<OrderId>& orders) {
    std::map<ProductId, std::int64_t> held;
    std::map<ProductId, std::int64_t> sold;
    for (const OrderId id : orders) {
      auto order = get(id);
      if (!order.ok()) {
        EXPECT_TRUE(order.rejected("not_found")) << order.failure().code << ' ' << order.failure().detail;
        EXPECT_TRUE(movements(id).empty()) << "an order that never was has no payment";
        continue;
      }
      expect_money(id, order->status);
      for (const auto& line : order->items) {
        if (order->status == Status::placed || order->status == Status::paid) held[line.product_id] += line.quantity;
        if (order->status == Status::shipped) sold[line.product_id] += line.quantity;
      }
    }
    for (const auto& [id, stock] : put_in) {
      const auto [free, reserved] = units(id);
      EXPECT_GE(free, 0);
      EXPECT_EQ(reserved, held[id]) << "only live orders hold units";
      EXPECT_EQ(free + reserved + sold[id], stock) << "no unit is made or lost";
    }
  }

  World shop;
  std::map<ProductId, std::int64_t> put_in;

 private:
  void expect_money(OrderId id, Status status) {
    using enum order::payment::MovementKind;
    using Kinds = std::vector<order::payment::MovementKind>;
    const Kinds moved = movements(id);
    if (status == Status::paid || status == Status::shipped) {
      EXPECT_EQ(moved, Kinds{charge});
    } else {
      EXPECT_TRUE(moved.empty() || (status == Status::cancelled && moved == Kinds{charge, refund}));
    }
  }
  troupe::Uuid next_id() { return {1'000, ++ids_}; }

  std::uint64_t ids_ = 0;
  std::size_t killed_ = 0;
  std::chrono::milliseconds patience_ = 10s;
};

}  // namespace shop::testing
