#pragma once

#include <troupe/actor.hpp>
#include "actors/wishlist/api.hpp"

namespace shop::wishlist {

struct State {
  UserId user_id;
  ProductId product_id;
  std::string product_name;
  std::string note;
  troupe::Time added_at;
};

/// One product that one user would like to have.
class Wish : public troupe::Entity<Api, State, troupe::Indexes<troupe::Index<"user", &State::user_id>>> {
 public:
  troupe::Task<View> on(Add m);
  troupe::Task<troupe::Done> on(Remove m);
  static troupe::Page<View> on(List m, const Rows& rows);
};

}  // namespace shop::wishlist
