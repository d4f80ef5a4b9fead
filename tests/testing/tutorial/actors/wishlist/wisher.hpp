#pragma once

#include <troupe/actor.hpp>
#include "actors/wishlist/api.hpp"

namespace shop::wishlist::wisher {

/// Nothing is kept: the wishes say what there is to forget.
struct State {};

/// Sees to it that the wishes of a user who is gone are forgotten.
class Wisher : public troupe::Entity<Api, State, troupe::Asks<wishlist::Api, List, Forget>> {
 public:
  troupe::Task<troupe::Done> on(Leave);
};

}  // namespace shop::wishlist::wisher
