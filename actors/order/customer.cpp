#include "actors/order/customer.hpp"

#include <chrono>

#include <troupe/actor.hpp>

namespace shop::order::customer {

using troupe::Done;
using troupe::Task;

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t orders_at_once = 500;
constexpr std::uint32_t customers_at_once = 100;
constexpr auto look_again_after = 2s;
// A request that began before its user was gone has ended by then: the gateway's deadline is 10 s.
constexpr auto last_requests_end_after = 30s;

}  // namespace

Task<Done> Customer::on(Leave) {
  if (!exists()) edit().left_at = now();
  co_return co_await cancel_orders();
}

Task<Done> Customer::on(Follow) {
  if (!exists()) co_return Done{};
  co_return co_await cancel_orders();
}

Task<Done> Customer::cancel_orders() {
  // Written before the search: whatever becomes of it, it is repeated.
  edit().wake = now() + look_again_after;
  co_await commit();
  const auto live = co_await troupe::directory<order::Api>().ask<Live>(UserId{key().id()}, orders_at_once);
  for (const OrderId order : live) send<Cancel>(order);
  if (live.empty() && now() >= state().left_at + last_requests_end_after) erase();
  co_return Done{};
}

std::vector<UserId> Customer::on(Leaving m, const Rows& rows) {
  std::vector<UserId> due;
  rows.up_to<"wake">(m.until).each([&](const troupe::Key& key, const State&) {
    due.push_back(UserId{key.id()});
    return due.size() < m.limit;
  });
  return due;
}

Task<Done> follow_leaving(troupe::Share<Api> customers) {
  const troupe::Time now = co_await troupe::current_time();
  const auto due = co_await customers.ask<Leaving>(now, customers_at_once);
  // Whoever fails is due again at the next sweep.
  static_cast<void>(co_await troupe::all(due, [](UserId user) { return troupe::actor<Api>(user).try_ask<Follow>(); }));
  co_return Done{};
}

}  // namespace shop::order::customer
