#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"

/// What others may see of wishes: a product that a user would like to have.
namespace shop::wishlist {

using WishId = troupe::Id<"wish">;

struct View {
  WishId id;
  UserId user_id;
  ProductId product_id;
  std::string product_name;
  std::string note;
  troupe::Time added_at;
};

/// Makes the wish that has this message's target as its key.
/// Reply: the wish. Rejects: no_such_product. Keyed.
struct Add {
  using Reply = View;
  static constexpr auto effect = troupe::Effect::keyed;
  UserId user_id;
  ProductId product_id;
  std::string note;

  static void check(troupe::Checker<Add>& c) { c.field(&Add::note).length(0, 200); }
};

/// Only who has the wish may remove it. Reply: Done. Rejects: not_found. Keyed: a repetition finds it gone.
struct Remove {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::keyed;
};

/// The wishes of one user, or of all; newest first. Reply: a page. Read, of the directory.
struct List {
  using Reply = troupe::Page<View>;
  static constexpr auto effect = troupe::Effect::read;
  static constexpr auto scope = troupe::Scope::directory;
  std::uint32_t limit = 50;
  std::optional<troupe::Cursor> cursor;
  std::optional<UserId> user_id;

  static void check(troupe::Checker<List>& c) { c.field(&List::limit).range(1, 200); }
};

using Api = troupe::Protocol<"wishlist", Add, Remove, List>;

}  // namespace shop::wishlist
