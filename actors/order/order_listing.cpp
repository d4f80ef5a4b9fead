// What is read of many orders at once.

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/order.hpp"

namespace shop::order {

using troupe::Done;
using troupe::Key;
using troupe::Page;
using troupe::Task;

namespace {

constexpr std::uint32_t orders_at_once = 128;
constexpr int batches_of_a_sweep = 64;

std::optional<View> view_of(const Key& key, const State& s) {
  if (s.history.empty()) return std::nullopt;
  return View{OrderId{key.id()}, s.user,      s.history.back().status, s.lines, total_of(s.lines),
              s.created_at,      s.updated_at};
}

}  // namespace

Page<View> Order::on(List m, const Rows& rows) {
  if (m.user_id) return rows.where<"user">(m.user_id->id()).page(m.limit, m.cursor, &view_of);
  return rows.page(m.limit, m.cursor, &view_of);
}

std::vector<OrderId> Order::on(Due m, const Rows& rows) {
  std::vector<OrderId> due;
  rows.up_to<"wake">(m.until).each([&](const Key& key, const State&) {
    due.push_back(OrderId{key.id()});
    return due.size() < m.limit;
  });
  return due;
}

std::vector<OrderId> Order::on(Live m, const Rows& rows) {
  std::vector<OrderId> live;
  rows.where<"user">(m.user).each([&](const Key& key, const State& s) {
    if (s.history.empty()) return true;
    const Status status = s.history.back().status;
    if (status == Status::placed || status == Status::paid) live.push_back(OrderId{key.id()});
    return live.size() < m.limit;
  });
  return live;
}

Task<Done> settle_due(troupe::Share<Api> orders, troupe::Duration ahead) {
  const troupe::Time until = co_await troupe::current_time() + ahead;
  std::set<OrderId> asked;
  for (int batch = 0; batch < batches_of_a_sweep; ++batch) {
    // Who can't be settled now is due again a little later, perhaps before the others: it is passed over.
    const auto limit = static_cast<std::uint32_t>(asked.size()) + orders_at_once;
    const auto due = co_await orders.ask<Due>(until, limit);
    std::vector<OrderId> fresh;
    std::ranges::copy_if(due, std::back_inserter(fresh), [&](OrderId order) { return asked.insert(order).second; });
    if (fresh.empty()) break;
    static_cast<void>(co_await troupe::all(fresh, [](OrderId order) { return order.try_ask<Settle>(); }));
    if (due.size() < limit) break;
  }
  co_return Done{};
}

}  // namespace shop::order
