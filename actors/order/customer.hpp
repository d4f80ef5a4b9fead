#pragma once

#include <optional>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/api.hpp"

namespace shop::order::customer {

/// Of a user who is gone; nothing is kept of others.
struct State {
  troupe::Time left_at;
  std::optional<troupe::Time> wake;  ///< when to look for live orders again
};

/// Sees to it that the orders of a user who is gone are cancelled: also those that were being placed at that moment.
class Customer : public troupe::Entity<Api, State, troupe::Indexes<troupe::Index<"wake", &State::wake>>,
                                       troupe::Asks<order::Api, Live, Cancel>> {
 public:
  troupe::Task<troupe::Done> on(Leave);
  troupe::Task<troupe::Done> on(Follow);
  static std::vector<UserId> on(Leaving m, const Rows& rows);

 private:
  troupe::Task<troupe::Done> cancel_orders();
};

/// Asks every customer whose leaving is not over to go on with it.
troupe::Task<troupe::Done> follow_leaving(troupe::Share<Api> customers);

}  // namespace shop::order::customer
