// How an order finishes or undoes what it began, by itself or after a crash.

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/order/order.hpp"
#include "actors/order/payment_api.hpp"
#include "actors/order/shipping.hpp"

namespace shop::order {

using troupe::Done;
using troupe::Failure;
using troupe::Rejected;
using troupe::Task;
using troupe::Time;

namespace {

using namespace std::chrono_literals;

// Attempt r of an order sets what it wants at revision r, then sets back or trims at one above: nothing that the first
// asks do late can undo the second.
constexpr std::uint32_t revisions_per_attempt = 2;

// Products remember an order for an hour after its units were released; placing it again needs higher revisions.
constexpr auto forget_undone_after = 65min;
constexpr auto settle_again_after = 2s;
constexpr int queries_in_a_row = 8;
constexpr auto query_again_after = 1s;

}  // namespace

State& Order::begin(Step step) {
  State& s = edit();
  s.step = step;
  s.revision = s.revision + revisions_per_attempt;
  s.wake = now() + settle_after;
  return s;
}

State& Order::end_step() {
  State& s = edit();
  s.step = Step::none;
  s.pending.clear();
  s.wake.reset();
  if (is(Status::placed)) s.wake = due();
  return s;
}

void Order::transition_to(Status status) {
  const Time at = now();
  State& s = edit();
  s.history.push_back({status, at});
  s.updated_at = at;
  end_step();
}

troupe::AllIn<troupe::TryAsk<product::Reserve>> Order::reserve(const std::vector<Quantity>& wanted,
                                                               product::Revision revision) const {
  return troupe::all(wanted, [this, revision](const Quantity& each) {
    return each.product.try_ask<product::Reserve>(id(), revision, each.quantity);
  });
}

Task<Done> Order::hold(std::vector<Quantity> wanted, product::Revision revision) const {
  if (wanted.empty()) co_return Done{};
  auto answers = co_await reserve(wanted, revision);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    // A product that refuses a release holds nothing of this order any more.
    if (answers[i].ok() || (answers[i].rejected() && wanted[i].quantity == 0)) continue;
    if (!answers[i].rejected()) co_return std::move(answers[i]).failure();
    // No answer to whoever asked the order: what it had held before is not theirs.
    co_return Failure::unknown(troupe::failure_code::timeout,
                               "a product refuses what the order held before: " + answers[i].failure().code);
  }
  co_return Done{};
}

Task<Done> Order::undo_placing() {
  std::vector<Quantity> released = state().pending;
  if (released.empty() && state().revision == product::Revision{revisions_per_attempt}) {
    erase();
    co_await commit();
    co_return Done{};
  }
  for (auto& each : released) each.quantity = 0;
  co_await hold(std::move(released), state().revision + 1);
  State& undone = end_step();
  undone.step = Step::undone;
  undone.wake = now() + forget_undone_after;
  co_await commit();
  co_return Done{};
}

Task<Done> Order::undo_editing() {
  co_await hold(to_restore(state().lines, state().pending), state().revision + 1);
  end_step();
  co_await commit();
  co_return Done{};
}

Task<Done> Order::trim() {
  co_await hold(state().pending, state().revision + 1);
  end_step();
  co_return Done{};
}

Task<Done> Order::resolve_charge(IfPending if_pending) {
  for (int query = 0; query < queries_in_a_row; ++query) {
    if (query > 0) co_await troupe::pause(query_again_after);
    const troupe::Uuid operation = *state().charge;
    const auto charge = co_await troupe::actor<payment::Api>(id()).ask<payment::Resolve>(operation);
    const bool pending = charge.verdict == payment::Verdict::pending;
    if (pending && if_pending == IfPending::leave) co_return payment_pending();
    if (pending) continue;
    if (charge.verdict == payment::Verdict::charged) {
      transition_to(Status::paid);
    } else {
      State& unpaid = end_step();
      if (!unpaid.retried) unpaid.retried = operation;
      unpaid.charge.reset();
    }
    co_await commit();
    co_return Done{};
  }
  co_return Failure::unknown(troupe::failure_code::timeout,
                             "the payment provider does not tell what became of the charge");
}

Task<Done> Order::give_back() {
  std::vector<Quantity> released;
  released.reserve(state().lines.size());
  for (const Line& line : state().lines) released.push_back({line.product_id, 0});
  co_await hold(std::move(released), state().revision);
  if (is(Status::paid)) co_await troupe::actor<payment::Api>(id()).ask<payment::Refund>();
  transition_to(state().step == Step::expiring ? Status::expired : Status::cancelled);
  co_return Done{};
}

Task<Done> Order::ship_out() {
  static_cast<void>(co_await troupe::all(
      state().lines, [this](const Line& line) { return line.product_id.ask<product::Ship>(id()); }));
  const Parcel parcel = *state().parcel;
  co_await troupe::actor<shipping::Api>(id()).ask<shipping::Dispatch>(parcel.carrier, parcel.tracking);
  transition_to(Status::shipped);
  co_return Done{};
}

Task<Done> Order::settle_step(IfPending if_pending) {
  switch (state().step) {
    case Step::placing:
      co_await undo_placing();
      break;
    case Step::editing:
      co_await undo_editing();
      break;
    case Step::trimming:
      co_await trim();
      break;
    case Step::paying:
      co_await resolve_charge(if_pending);
      break;
    case Step::cancelling:
    case Step::expiring:
      co_await give_back();
      break;
    case Step::shipping:
      co_await ship_out();
      break;
    case Step::undone:
      if (state().wake <= now()) erase();
      break;
    case Step::none:
      break;
  }
  if (state().step == Step::none && is(Status::placed)) {
    if (due() <= now()) {
      begin(Step::expiring);
      co_await commit();
      co_await give_back();
    } else if (state().wake != due()) {
      edit().wake = due();
    }
  }
  co_await commit();
  co_return Done{};
}

Task<Done> Order::on(Settle) {
  if (!principal().is_node()) co_return Rejected{"forbidden", "orders settle by themselves"};
  if (!exists()) co_return Done{};
  auto settling = settle_step(IfPending::leave);
  auto outcome = co_await std::move(settling).outcome();
  if (outcome.ok()) co_return Done{};
  if (outcome.failure().code != troupe::failure_code::commit_unknown) {
    // Others come first, before this one is tried again.
    edit().wake = now() + settle_again_after;
    co_await commit();
  }
  co_return std::move(outcome).failure();
}

}  // namespace shop::order
