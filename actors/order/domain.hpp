#pragma once

#include <memory>

#include <troupe/actor.hpp>
#include "actors/order/payment_provider.hpp"
#include "actors/order/settings.hpp"

namespace shop::order {

/// The protocols "order", "payment", "sandbox", "shipping" and "customer", and the sweeps that settle and expire
/// orders.
///
/// `provider` moves the money; without one it is the built-in sandbox.
troupe::Domain order_domain(const Settings& settings, std::shared_ptr<payment::PaymentProvider> provider = nullptr);

}  // namespace shop::order
