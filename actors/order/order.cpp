#include "actors/order/order.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/order/payment_api.hpp"
#include "actors/order/shipping.hpp"

namespace shop::order {

using troupe::Done;
using troupe::Failure;
using troupe::Outcome;
using troupe::Principal;
using troupe::Rejected;
using troupe::Task;

namespace {

std::string_view word(Status status) { return troupe::wire::enum_name(status); }

/// Whether a refused product can know nothing of the order's attempt: rejections leave no trace.
bool left_no_trace(const Outcome<product::Reserved>& answer) {
  return answer.rejected("not_found") || answer.rejected("out_of_stock");
}

/// The answer of an attempt that was undone whole, and had asked `whom`: certainly not done, whatever it failed of, so
/// it may be repeated.
Rejected undone(const Failure& why, const std::string& whom) {
  if (why.rejected() && why.code != "superseded") return {why.code, why.detail, why.faults};
  if (why.code == troupe::failure_code::overloaded) return {"overloaded", whom + " is too busy; nothing was done"};
  return {"unavailable", whom + " is out of reach; nothing was done"};
}

}  // namespace

std::optional<Rejected> Order::refusal_unless(Who who) const {
  if (!visible()) return Rejected{"not_found", "there is no such order"};
  const bool admin = principal().has_role("admin") || principal().is_node();
  const bool owner = principal().is_user(state().user.value) && !admin;
  if (who != Who::admin && owner) return std::nullopt;
  if (who != Who::owner && admin) return std::nullopt;
  return Rejected{"forbidden", who == Who::owner ? "only the customer may do this" : "this order is not yours"};
}

Rejected Order::conflict() const {
  return {"conflict", "the order is " + std::string(word(state().history.back().status))};
}

Rejected Order::payment_pending() { return {"payment_pending", "the payment provider does not answer yet"}; }

bool Order::is_paid_by(troupe::Uuid operation) const {
  return is(Status::paid) && (state().charge == operation || state().retried == operation);
}

View Order::view() const {
  const State& s = state();
  return {id(), s.user, s.history.back().status, s.lines, total_of(s.lines), s.created_at, s.updated_at};
}

Task<View> Order::on(Get) const {
  if (auto refusal = refusal_unless(Who::owner_or_admin)) co_return *std::move(refusal);
  co_return view();
}

Task<Progress> Order::on(GetStatus) const {
  if (auto refusal = refusal_unless(Who::owner_or_admin)) co_return *std::move(refusal);
  co_return Progress{state().history.back().status, state().history};
}

Task<View> Order::on(Place m) {
  if (principal().kind != Principal::Kind::user || principal().has_role("admin")) {
    co_return Rejected{"forbidden", "only customers place orders"};
  }
  const UserId user{principal().user};
  if (exists() && state().user != user) co_return Rejected{"conflict", "there is an order of this id already"};
  if (visible()) co_return view();
  auto basket = merge(m.items);
  if (!basket.ok()) co_return std::move(basket).failure();
  if (std::ranges::any_of(*basket, [](const Quantity& q) { return q.product.is_nil(); })) {
    co_return Rejected{"not_found", "there is no such product"};
  }
  if (state().step == Step::placing) co_await undo_placing();

  State& placing = begin(Step::placing);
  placing.user = user;
  placing.pending = *std::move(basket);
  placing.created_at = placing.updated_at = now();
  co_await commit();

  auto answers = co_await reserve(state().pending, state().revision);
  auto lines = price(state().pending, answers);
  if (!lines.ok()) {
    auto& pending = edit().pending;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!left_no_trace(answers[i])) pending[kept++] = pending[i];
    }
    pending.resize(kept);
    co_await undo_placing();
    co_return undone(lines.failure(), "a product");
  }
  State& placed = end_step();
  placed.lines = *std::move(lines);
  placed.history.push_back({Status::placed, placed.created_at});
  placed.wake = due();
  co_return view();
}

Task<View> Order::on(Edit m) {
  auto basket = merge(m.items);
  if (!basket.ok()) co_return std::move(basket).failure();
  if (auto refusal = refusal_unless(Who::owner)) co_return *std::move(refusal);
  co_await settle_step();
  if (!is(Status::placed)) co_return conflict();
  if (std::ranges::any_of(*basket, [](const Quantity& q) { return q.product.is_nil(); })) {
    co_return Rejected{"not_found", "there is no such product"};
  }

  begin(Step::editing).pending = *std::move(basket);
  co_await commit();
  auto answers = co_await reserve(before_trimming(state().lines, state().pending), state().revision);
  auto lines = price(state().pending, answers);
  if (!lines.ok()) {
    co_await undo_editing();
    co_return undone(lines.failure(), "a product");
  }
  // The edit is decided: from here it goes forward only.
  auto trimmed = to_trim(state().lines, state().pending);
  State& edited = end_step();
  edited.lines = *std::move(lines);
  edited.updated_at = now();
  if (trimmed.empty()) co_return view();
  edited.step = Step::trimming;
  edited.pending = std::move(trimmed);
  edited.wake = now() + settle_after;
  co_await commit();
  co_await trim();
  co_return view();
}

Task<Done> Order::on(Cancel) {
  if (auto refusal = refusal_unless(Who::owner_or_admin)) co_return *std::move(refusal);
  co_await settle_step();
  if (is(Status::cancelled)) co_return Done{};
  if (!is(Status::placed) && !is(Status::paid)) co_return conflict();
  begin(Step::cancelling);
  co_await commit();
  co_return co_await give_back();
}

Task<View> Order::on(Pay m) {
  if (auto refusal = refusal_unless(Who::owner)) co_return *std::move(refusal);
  co_await settle_step(IfPending::leave);
  if (is_paid_by(m.operation)) co_return view();
  if (!is(Status::placed)) co_return conflict();
  // What was given up never will be charged, so it is tried again under another name.
  const bool again = state().retried == m.operation;
  const troupe::Uuid charge = again ? new_id<troupe::Id<"operation">>().value : m.operation;
  State& paying = begin(Step::paying);
  paying.charge = charge;
  if (!again) paying.retried.reset();
  co_await commit();

  Money total = total_of(state().lines);
  const auto payment = troupe::actor<payment::Api>(id());
  auto charged = co_await payment.try_ask<payment::Charge>(charge, std::move(total), std::move(m.card));
  if (charged.ok() && charged->verdict == payment::Verdict::charged) {
    transition_to(Status::paid);
    co_return view();
  }
  if (charged.ok() || charged.unknown()) co_return payment_pending();
  State& unpaid = end_step();
  unpaid.charge.reset();
  // A decline is final: should the request still come again, it is told so, and not charged.
  if (charged.rejected()) unpaid.retried.reset();
  co_await commit();
  co_return undone(charged.failure(), "the order's payment");
}

Task<View> Order::on(Ship m) {
  if (auto refusal = refusal_unless(Who::admin)) co_return *std::move(refusal);
  co_await settle_step();
  if (is(Status::shipped) && state().parcel->operation == m.operation) co_return view();
  if (!is(Status::paid)) co_return conflict();
  begin(Step::shipping).parcel = Parcel{m.operation, std::move(m.carrier), std::move(m.tracking)};
  co_await commit();
  co_await ship_out();
  co_return view();
}

}  // namespace shop::order
