#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/order/declaration.hpp"

namespace shop::order {

using namespace std::chrono_literals;

void Declaration::sweeps(troupe::Domain& domain, const Settings& settings) {
  // The first run takes what an earlier process left half done without waiting until it is due.
  const auto every = std::clamp<troupe::Duration>(settings.unpaid_after / 4, 50ms, 1s);
  domain.sweep<Api>("settling", every, [ahead = settle_after](troupe::Share<Api> orders) mutable {
    return settle_due(orders, std::exchange(ahead, troupe::Duration{0}));
  });
  domain.sweep<customer::Api>("leaving", 2s, &customer::follow_leaving);
}

}  // namespace shop::order

template struct troupe::DomainOf<shop::order::Declaration>;
