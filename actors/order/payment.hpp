#pragma once

#include <optional>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/payment_api.hpp"
#include "actors/order/payment_connection.hpp"

namespace shop::order::payment {

/// Money that is to move, written down before the provider is asked.
struct Intent {
  enum class Stage : std::uint8_t { asked, done };

  troupe::Uuid operation;
  Money amount;
  Stage stage = Stage::asked;
};

struct State {
  std::optional<Intent> charge;
  std::optional<Intent> refund;
  std::vector<troupe::Uuid> given_up;  ///< charges that are not to be made any more, latest last
};

/// The money of one order: never two charges, whatever is lost on the way.
class Payment : public troupe::Entity<Api, State, troupe::Asks<connection::Api>> {
 public:
  troupe::Task<Resolved> on(Charge m);
  troupe::Task<Resolved> on(Resolve m);
  troupe::Task<troupe::Done> on(Refund);
  troupe::Task<Movements> on(List) const;

 private:
  /// Asks the provider what became of the charge whose answer is missing.
  troupe::Task<Verdict> settle_charge();
  void give_up(troupe::Uuid operation);

  OrderId order() const { return OrderId{key().id()}; }
  bool charge_is(Intent::Stage stage) const { return state().charge && state().charge->stage == stage; }
};

}  // namespace shop::order::payment
