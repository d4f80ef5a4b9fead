#include "actors/order/payment_connection.hpp"

#include <utility>

namespace shop::order::payment::connection {

using troupe::Done;
using troupe::Task;

Task<Done> Connection::on(Charge m) {
  return provider_->charge(m.order, m.operation, std::move(m.amount), std::move(m.card));
}

Task<Resolved> Connection::on(Find m) {
  const Verdict verdict = co_await provider_->find(m.order, m.operation);
  co_return Resolved{verdict};
}

Task<Done> Connection::on(Refund m) { return provider_->refund(m.order, m.operation, m.charge, std::move(m.amount)); }

Task<Movements> Connection::on(List m) const { return provider_->movements(m.order); }

}  // namespace shop::order::payment::connection
