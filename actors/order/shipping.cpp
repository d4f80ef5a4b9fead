#include "actors/order/shipping.hpp"

#include <utility>

namespace shop::order::shipping {

using troupe::Done;
using troupe::Rejected;
using troupe::Task;

Task<Done> Shipping::on(Dispatch m) {
  if (!exists()) {
    edit() = Parcel{std::move(m.carrier), std::move(m.tracking), now()};
    co_return Done{};
  }
  if (state().carrier != m.carrier || state().tracking != m.tracking) {
    co_return Rejected{"conflict", "the order was handed over already"};
  }
  co_return Done{};
}

Task<Parcel> Shipping::on(Get) const {
  if (!exists()) co_return Rejected{"not_found", "nothing was handed over"};
  co_return state();
}

}  // namespace shop::order::shipping
