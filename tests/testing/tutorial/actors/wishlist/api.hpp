#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"

/// What others may see of wishes: a product that a user would like to have.
namespace shop::wishlist {

struct Api;
using WishId = troupe::Id<"wish", Api>;

struct View {
  WishId id;
  UserId user_id;
  ProductId product_id;
  std::string product_name;
  std::string note;
  troupe::Time added_at;
};

/// Makes the wish that has this message's target as its key. Reply: the wish.
struct Add {
  using Is = troupe::Keyed<View>;
  static constexpr auto rejects = troupe::codes("no_such_product");
  UserId user_id;
  ProductId product_id;
  std::string note;

  static void check(troupe::Checker<Add>& c) { c.field(&Add::note).length(0, 200); }
};

/// Only who has the wish may remove it. A repetition is told what the first was.
struct Remove {
  using Is = troupe::Keyed<>;
  static constexpr auto rejects = troupe::codes("not_found");
};

enum class Sort : std::uint8_t { newest, product };

/// The wishes of one user, or of all; newest first, where nothing else is said.
struct List {
  using Is = troupe::Listing<troupe::Page<View>>;
  std::uint32_t limit = 50;
  std::optional<troupe::Cursor> cursor;
  std::optional<UserId> user_id;
  std::optional<Sort> sort = {};

  static void check(troupe::Checker<List>& c) { c.field(&List::limit).range(1, 200); }
};

/// The wish is of no use any more. For the domain's own use: whoever asks is not looked at.
struct Forget {
  using Is = troupe::Idempotent<>;
};

/// Wishes that were added at `until` or before, oldest first.
struct Old {
  using Is = troupe::Listing<std::vector<WishId>>;
  troupe::Time until;
  std::uint32_t limit = 0;
};

struct Api : troupe::Protocol<"wishlist", Add, Remove, List, Forget, Old> {};

/// A user as the domain of wishes knows one: the entity "wisher" has the user's id as its key.
namespace wisher {

/// The user has been removed. To be sent.
struct Leave {
  using Is = troupe::Idempotent<>;
};

struct Api : troupe::Protocol<"wisher", Leave> {};

}  // namespace wisher

}  // namespace shop::wishlist
