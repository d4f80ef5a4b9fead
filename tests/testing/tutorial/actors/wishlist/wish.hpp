#pragma once

#include <chrono>

#include <troupe/actor.hpp>
#include "actors/product/api.hpp"
#include "actors/wishlist/api.hpp"

namespace shop::wishlist {

struct State {
  static constexpr std::uint32_t version = 2;
  static State upgrade(std::uint32_t version, std::string_view json);

  UserId user_id;
  ProductId product_id;
  std::string product_name;
  std::string note;
  troupe::Time added_at;
};

using Declared = troupe::Indexes<troupe::Index<"user", &State::user_id>, troupe::Index<"added", &State::added_at>,
                                 troupe::Index<"product_name", &State::product_name>>;

/// One product that one user would like to have.
class Wish : public troupe::Entity<Api, State, Declared, troupe::Asks<product::Api, product::Get>> {
 public:
  troupe::Task<View> on(Add m);
  troupe::Task<troupe::Done> on(Remove m);
  static troupe::Page<View> on(List m, const Rows& rows);
  troupe::Task<troupe::Done> on(Forget m);
  static std::vector<WishId> on(Old m, const Rows& rows);
};

/// Forgets those of these wishes that are too old.
troupe::Task<troupe::Done> forget_old(troupe::Share<Api> wishes);

inline constexpr auto kept_for = std::chrono::hours(24 * 7);

}  // namespace shop::wishlist
