#include "actors/order/payment.hpp"

#include <algorithm>
#include <utility>

namespace shop::order::payment {

using troupe::Done;
using troupe::Failure;
using troupe::Rejected;
using troupe::Task;
using troupe::Uuid;

namespace {

// A charge that was given up is remembered for as long as a late message could bring it: minutes. Nobody makes so many
// attempts at one order in that time.
constexpr std::size_t max_given_up = 32;

/// The way to it from this node.
troupe::Ref<connection::Api> provider() { return troupe::worker<connection::Api>(); }

Failure still_pending() {
  return Failure::unknown(troupe::failure_code::timeout,
                          "the payment provider has not told yet what became of an earlier charge");
}

}  // namespace

void Payment::give_up(Uuid operation) {
  auto& given_up = edit().given_up;
  if (given_up.size() == max_given_up) given_up.erase(given_up.begin());
  given_up.push_back(operation);
}

Task<Verdict> Payment::settle_charge() {
  const Uuid operation = state().charge->operation;
  const Resolved resolved = co_await provider().ask<connection::Find>(order(), operation);
  const Verdict verdict = resolved.verdict;
  if (verdict == Verdict::charged) edit().charge->stage = Intent::Stage::done;
  if (verdict == Verdict::not_charged) {
    edit().charge.reset();
    give_up(operation);
  }
  co_await commit();
  co_return verdict;
}

Task<Resolved> Payment::on(Charge m) {
  if (charge_is(Intent::Stage::asked)) {
    const bool repeated = state().charge->operation == m.operation;
    const Verdict verdict = co_await settle_charge();
    if (repeated) co_return Resolved{verdict};
    if (verdict == Verdict::pending) co_return still_pending();
  }
  if (state().charge) {
    if (state().charge->operation == m.operation) co_return Resolved{Verdict::charged};
    co_return Rejected{"conflict", "the order is charged already"};
  }
  if (std::ranges::find(state().given_up, m.operation) != state().given_up.end()) {
    co_return Rejected{"payment_declined", "this attempt was given up"};
  }
  edit().charge = Intent{m.operation, m.amount, Intent::Stage::asked};
  co_await commit();
  auto outcome = co_await provider().try_ask<connection::Charge>(order(), m.operation, m.amount, std::move(m.card));
  if (outcome.ok()) {
    edit().charge->stage = Intent::Stage::done;
    co_return Resolved{Verdict::charged};
  }
  if (outcome.unknown()) co_return Resolved{Verdict::pending};
  edit().charge.reset();
  give_up(m.operation);
  co_await commit();
  co_return std::move(outcome).failure();
}

Task<Resolved> Payment::on(Resolve m) {
  if (state().charge && state().charge->operation == m.operation) {
    if (charge_is(Intent::Stage::done)) co_return Resolved{Verdict::charged};
    const Verdict verdict = co_await settle_charge();
    co_return Resolved{verdict};
  }
  if (std::ranges::find(state().given_up, m.operation) == state().given_up.end()) give_up(m.operation);
  co_return Resolved{Verdict::not_charged};
}

Task<Done> Payment::on(Refund) {
  if (charge_is(Intent::Stage::asked)) {
    const Verdict verdict = co_await settle_charge();
    if (verdict == Verdict::pending) co_return still_pending();
  }
  if (!state().charge) co_return Done{};
  if (!state().refund) {
    edit().refund = Intent{new_id<troupe::Id<"operation">>().value, state().charge->amount, Intent::Stage::asked};
    co_await commit();
  }
  if (state().refund->stage == Intent::Stage::done) co_return Done{};
  const Intent refund = *state().refund;
  co_await provider().ask<connection::Refund>(order(), refund.operation, state().charge->operation, refund.amount);
  edit().refund->stage = Intent::Stage::done;
  co_return Done{};
}

Task<Movements> Payment::on(List) const { co_return co_await provider().ask<connection::List>(order()); }

}  // namespace shop::order::payment
