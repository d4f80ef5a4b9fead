#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/basket.hpp"
#include "actors/order/payment_api.hpp"
#include "actors/order/settings.hpp"
#include "actors/order/shipping.hpp"

namespace shop::order {

/// What an order is in the middle of. It is written down before anything else is asked for it, so that whatever becomes
/// of the asking, the order knows what it has to finish or to undo.
///
/// `pending` is, by step: placing and editing, what was asked for; trimming, what is to be held in the end.
enum class Step : std::uint8_t {
  none,
  placing,     ///< undone when it is left
  editing,     ///< undone when it is left
  trimming,    ///< an edit that is decided and gives back what it dropped; finished when it is left
  paying,      ///< the payment tells what became of `charge`
  cancelling,  ///< finished when it is left
  expiring,    ///< finished when it is left
  shipping,    ///< finished when it is left
  undone,      ///< never came to be; kept while products remember what it did, so that it can be placed again
};

struct Parcel {
  troupe::Uuid operation;
  std::string carrier;
  std::string tracking;
};

struct State {
  UserId user;
  Step step = Step::none;
  product::Revision revision{};  ///< of the latest attempt at products; it stands for revisions_per_attempt of them
  std::vector<Line> lines;
  std::vector<Quantity> pending;
  std::optional<troupe::Uuid> charge;  ///< the payment that is under way, or was made
  /// Who asked for a payment that certainly was not made, because it was lost on the way: `charge` is, or will be, a
  /// new try of the same, under a name of its own.
  std::optional<troupe::Uuid> retried;
  std::optional<Parcel> parcel;
  std::vector<Change> history;  ///< empty: the order can't be found yet
  troupe::Time created_at;
  troupe::Time updated_at;
  std::optional<troupe::Time> wake;  ///< when to settle it
};

/// Orders that can be found are listed.
inline std::optional<UserId> listed_user(const State& s) {
  if (s.history.empty()) return std::nullopt;
  return s.user;
}

using Declared = troupe::Indexes<troupe::Index<"user", &listed_user>, troupe::Index<"wake", &State::wake>>;

/// One order: a saga over products, payment and shipping that holds its own journal.
///
/// Turns run alone, so a step that a turn finds was left by an earlier one that failed: it is settled first.
class Order : public troupe::Entity<Api, State, Declared, troupe::Asks<product::Api, product::Reserve, product::Ship>,
                                    troupe::Asks<payment::Api, payment::Charge, payment::Resolve, payment::Refund>,
                                    troupe::Asks<shipping::Api, shipping::Dispatch>> {
 public:
  explicit Order(Settings settings) : settings_(settings) {}

  troupe::Task<View> on(Place m);
  troupe::Task<View> on(Get) const;
  troupe::Task<Progress> on(GetStatus) const;
  static troupe::Page<View> on(List m, const Rows& rows);
  troupe::Task<View> on(Edit m);
  troupe::Task<troupe::Done> on(Cancel);
  troupe::Task<View> on(Pay m);
  troupe::Task<View> on(Ship m);
  troupe::Task<troupe::Done> on(Settle);
  static std::vector<OrderId> on(Due m, const Rows& rows);
  static std::vector<OrderId> on(Live m, const Rows& rows);

 private:
  enum class Who : std::uint8_t { owner, owner_or_admin, admin };
  /// Of a charge whose provider stays silent: ask it again and again in this turn, or leave it for another one.
  enum class IfPending : std::uint8_t { ask_again, leave };

  // Who may, and when.
  std::optional<troupe::Rejected> refusal_unless(Who who) const;
  troupe::Rejected conflict() const;
  static troupe::Rejected payment_pending();
  bool is_paid_by(troupe::Uuid operation) const;
  bool visible() const { return !state().history.empty(); }
  bool is(Status status) const { return visible() && state().history.back().status == status; }
  troupe::Time due() const { return state().created_at + settings_.unpaid_after; }
  OrderId id() const { return OrderId{key().id()}; }
  View view() const;

  // The journal: edits of the state, committed by the caller.
  State& begin(Step step);
  State& end_step();
  void transition_to(Status status);

  // Asking others.
  troupe::AllIn<troupe::TryAsk<product::Reserve>> reserve(const std::vector<Quantity>& wanted,
                                                          product::Revision revision) const;
  /// From now on the order holds just this of these products.
  troupe::Task<troupe::Done> hold(std::vector<Quantity> wanted, product::Revision revision) const;
  troupe::Task<troupe::Done> give_back();
  troupe::Task<troupe::Done> ship_out();

  // Finishing or undoing what was begun.
  troupe::Task<troupe::Done> settle_step(IfPending if_pending = IfPending::ask_again);
  troupe::Task<troupe::Done> undo_placing();
  troupe::Task<troupe::Done> undo_editing();
  troupe::Task<troupe::Done> trim();
  troupe::Task<troupe::Done> resolve_charge(IfPending if_pending);

  Settings settings_;
};

/// Asks every order that is due to settle, those too that will be due within `ahead`.
troupe::Task<troupe::Done> settle_due(troupe::Share<Api> orders, troupe::Duration ahead);

/// How long a step may last before somebody else looks after it.
inline constexpr troupe::Duration settle_after = std::chrono::seconds(3);

}  // namespace shop::order
