#include "actors/order/sandbox.hpp"

#include <algorithm>
#include <utility>

namespace shop::order::sandbox {

using payment::Movement;
using payment::MovementKind;
using payment::Movements;
using payment::Resolved;
using payment::Verdict;
using troupe::Done;
using troupe::Failure;
using troupe::Rejected;
using troupe::Task;
using troupe::Uuid;

namespace {

constexpr std::size_t max_refused = 32;

class Provider final : public payment::PaymentProvider {
 public:
  Task<Done> charge(OrderId order, Uuid operation, Money amount, troupe::Secret card) override {
    const Answer answer = co_await troupe::actor<Api>(order).ask<Charge>(operation, std::move(amount), std::move(card));
    if (answer.kind == Answer::Kind::declined) co_return Rejected{"payment_declined", "the card was declined"};
    if (answer.kind == Answer::Kind::approved) co_return Done{};
    co_await troupe::pause(patience);
    co_return Failure::unknown(troupe::failure_code::timeout, "the payment provider does not answer");
  }

  Task<Verdict> find(OrderId order, Uuid operation) override {
    const Resolved resolved = co_await troupe::actor<Api>(order).ask<Find>(operation);
    co_return resolved.verdict;
  }

  Task<Done> refund(OrderId order, Uuid operation, Uuid charge, Money amount) override {
    co_return co_await troupe::actor<Api>(order).ask<Refund>(operation, charge, std::move(amount));
  }

  Task<Movements> movements(OrderId order) override { co_return co_await troupe::actor<Api>(order).ask<List>(); }
};

}  // namespace

const Movement* Sandbox::find(Uuid operation) const {
  const auto it = std::ranges::find(state().books, operation, &Movement::operation);
  return it == state().books.end() ? nullptr : &*it;
}

bool Sandbox::is_unanswered(Uuid operation) const {
  return std::ranges::find(state().unanswered, operation) != state().unanswered.end();
}

void Sandbox::refuse(Uuid operation) {
  auto& refused = edit().refused;
  if (refused.size() == max_refused) refused.erase(refused.begin());
  refused.push_back(operation);
}

Task<Answer> Sandbox::on(Charge m) {
  if (find(m.operation)) {
    co_return Answer{is_unanswered(m.operation) ? Answer::Kind::none : Answer::Kind::approved};
  }
  const bool known = std::ranges::find(state().refused, m.operation) != state().refused.end();
  const bool silent = m.card.reveal() == silent_card;
  if (known || (m.card.reveal() != approved_card && !silent)) {
    if (!known) refuse(m.operation);
    co_return Answer{Answer::Kind::declined};
  }
  edit().books.push_back({m.operation, MovementKind::charge, std::move(m.amount), now()});
  if (silent) edit().unanswered.push_back(m.operation);
  co_return Answer{silent ? Answer::Kind::none : Answer::Kind::approved};
}

Task<Resolved> Sandbox::on(Find m) {
  if (const auto* charge = find(m.operation)) {
    const bool hidden = is_unanswered(m.operation) && now() < charge->at + silence;
    co_return Resolved{hidden ? Verdict::pending : Verdict::charged};
  }
  if (std::ranges::find(state().refused, m.operation) == state().refused.end()) refuse(m.operation);
  co_return Resolved{Verdict::not_charged};
}

Task<Done> Sandbox::on(Refund m) {
  if (!find(m.charge)) co_return Rejected{"not_found", "there is no such charge to refund"};
  if (!find(m.operation)) {
    edit().books.push_back({m.operation, MovementKind::refund, std::move(m.amount), now()});
  }
  co_return Done{};
}

Task<Movements> Sandbox::on(List) const { co_return Movements{state().books}; }

std::unique_ptr<payment::PaymentProvider> make_provider() { return std::make_unique<Provider>(); }

}  // namespace shop::order::sandbox
