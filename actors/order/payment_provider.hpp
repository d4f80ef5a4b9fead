#pragma once

#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/payment_api.hpp"

namespace shop::order::payment {

/// Who really moves money. One object serves all orders of a node; its coroutines run inside the turns of the
/// connection that holds it (payment_connection.hpp), and so take turns where they wait.
///
/// Operations are the shop's names for what it wants done: the same one again does nothing again. A call whose answer
/// does not come in a few seconds ends as unknown (troupe::Failure), so that the payment can ask what became of it. An
/// exception ends the connection, with this object and all that waits for it.
class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;

  /// Rejects: payment_declined.
  virtual troupe::Task<troupe::Done> charge(OrderId order, troupe::Uuid operation, Money amount,
                                            troupe::Secret card) = 0;
  /// A charge that the provider does not know is given up there: it is refused, should it still come.
  virtual troupe::Task<Verdict> find(OrderId order, troupe::Uuid operation) = 0;
  virtual troupe::Task<troupe::Done> refund(OrderId order, troupe::Uuid operation, troupe::Uuid charge,
                                            Money amount) = 0;
  virtual troupe::Task<Movements> movements(OrderId order) = 0;
};

}  // namespace shop::order::payment
