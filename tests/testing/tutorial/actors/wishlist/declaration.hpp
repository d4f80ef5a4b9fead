#pragma once

#include <troupe/actor.hpp>
#include "actors/wishlist/favourite.hpp"
#include "actors/wishlist/wish.hpp"
#include "actors/wishlist/wisher.hpp"

namespace shop::wishlist {

/// What users would like to have.
struct Declaration {
  using Entities = troupe::Entities<Wish, wisher::Wisher>;
  using Workers = troupe::Workers<favourite::Favourite>;
  static void sweeps(troupe::Domain& domain, const troupe::NoSettings&) {
    domain.sweep<Api>("old wishes", std::chrono::hours(1), &forget_old);
  }
  static void routes(troupe::gateway::Routes& r);
};

}  // namespace shop::wishlist
