#include "actors/order/domain.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/order/customer.hpp"
#include "actors/order/order.hpp"
#include "actors/order/payment.hpp"
#include "actors/order/sandbox.hpp"
#include "actors/order/shipping.hpp"

namespace shop::order {

using namespace std::chrono_literals;

troupe::Domain order_domain(const Settings& settings, std::shared_ptr<payment::PaymentProvider> provider) {
  if (!provider) provider = sandbox::provider();
  troupe::Domain domain("order");
  domain.entity<Order>(settings)
      .entity<payment::Payment>(std::move(provider))
      .entity<sandbox::Sandbox>()
      .entity<shipping::Shipping>()
      .entity<customer::Customer>()
      .movable("payment")
      .movable("shipping");
  // The first run takes what an earlier process left half done without waiting until it is due.
  const auto every = std::clamp<troupe::Duration>(settings.unpaid_after / 4, 50ms, 1s);
  domain.sweep<Api>("settling", every, [ahead = settle_after](troupe::Share<Api> orders) mutable {
    return settle_due(orders, std::exchange(ahead, troupe::Duration{0}));
  });
  domain.sweep<customer::Api>("leaving", 2s, &customer::follow_leaving);
  return domain;
}

}  // namespace shop::order
