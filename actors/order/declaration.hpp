#pragma once

#include <troupe/actor.hpp>
#include "actors/order/customer.hpp"
#include "actors/order/order.hpp"
#include "actors/order/payment.hpp"
#include "actors/order/payment_connection.hpp"
#include "actors/order/sandbox.hpp"
#include "actors/order/settings.hpp"
#include "actors/order/shipping.hpp"

namespace shop::order {

/// The orders, with their payments and parcels, the customers who leave, the sweeps that settle and expire orders, and
/// the connection to the payment provider.
struct Declaration {
  using Entities = troupe::Entities<Order, payment::Payment, sandbox::Sandbox, shipping::Shipping, customer::Customer>;
  using Movable = troupe::Entities<payment::Payment, shipping::Shipping>;
  using Workers = troupe::Workers<payment::connection::Connection>;
  using Settings = order::Settings;
  static void sweeps(troupe::Domain& domain, const Settings& settings);
  static void routes(troupe::gateway::Routes& r);
};

}  // namespace shop::order

// Compiled once, in declaration.cpp and order_sweeps.cpp: every program of the shop names the domain.
extern template struct troupe::OutlineOf<shop::order::Declaration>;
extern template struct troupe::DomainOf<shop::order::Declaration>;
