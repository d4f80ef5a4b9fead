#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"
#include "actors/money.hpp"
#include "actors/reference.hpp"

/// What others may see of orders: from placing to shipping, paying included.
///
/// Every message about one order rejects `not_found` when there is none, `forbidden` when it is not the caller's, and
/// `conflict` when its status does not allow it, unless it says otherwise.
namespace shop::order {

/// What the world sees. An order whose placing has not ended has none: it can't be found.
enum class Status : std::uint8_t { placed, paid, shipped, cancelled, expired };

struct Line {
  ProductId product_id;
  std::string name;
  Money unit_price;
  std::uint32_t quantity = 0;

  friend bool operator==(const Line&, const Line&) = default;
};

struct View {
  OrderId id;
  UserId user_id;
  Status status = Status::placed;
  std::vector<Line> items;
  Money total;
  troupe::Time created_at;
  troupe::Time updated_at;

  friend bool operator==(const View&, const View&) = default;
};

struct Item {
  Reference<ProductId> product_id;
  std::uint32_t quantity = 0;

  static void check(troupe::Checker<Item>& c) { c.field(&Item::quantity).range(1, 10'000); }

  friend bool operator==(const Item&, const Item&) = default;
};

/// Makes the order that has this message's target as its key, for the calling customer, and holds its units.
/// Reply: the order; also for a repetition. Rejects: invalid, forbidden (to admins), not_found (a product),
/// out_of_stock. Idempotent.
struct Place {
  using Is = troupe::Idempotent<View>;
  static constexpr auto rejects =
      troupe::codes("invalid", "forbidden", "not_found", "conflict", "out_of_stock", "overloaded", "unavailable");
  std::vector<Item> items;

  static void check(troupe::Checker<Place>& c) { c.field(&Place::items).items(1, 100); }
};

/// Reply: the order. Rejects: not_found, forbidden. Read.
struct Get {
  using Is = troupe::Read<View>;
  static constexpr auto rejects = troupe::codes("not_found", "forbidden");
};

struct Change {
  Status status = Status::placed;
  troupe::Time at;

  friend bool operator==(const Change&, const Change&) = default;
};

struct Progress {
  Status status = Status::placed;
  std::vector<Change> history;  ///< oldest first
};

/// Reply: the order's status, and those before it. Rejects: not_found, forbidden. Read.
struct GetStatus {
  using Is = troupe::Read<Progress>;
  static constexpr auto rejects = troupe::codes("not_found", "forbidden");
};

/// All orders, or a user's, newest first. Reply: a page. Read, of the directory.
struct List {
  using Is = troupe::Listing<troupe::Page<View>>;
  std::uint32_t limit = 50;
  std::optional<troupe::Cursor> cursor;
  std::optional<Reference<UserId>> user_id;

  static void check(troupe::Checker<List>& c) { c.field(&List::limit).range(1, 200); }
};

/// Replaces the items of a placed order, at today's names and prices; the order's own units count as free.
/// Reply: the order. Rejects: invalid, not_found (a product, too), out_of_stock, conflict. Idempotent.
struct Edit {
  using Is = troupe::Idempotent<View>;
  static constexpr auto rejects =
      troupe::codes("invalid", "not_found", "forbidden", "conflict", "out_of_stock", "overloaded", "unavailable");
  std::vector<Item> items;

  static void check(troupe::Checker<Edit>& c) { c.field(&Edit::items).items(1, 100); }
};

/// Gives the units of a placed or paid order back, and the money. Reply: Done, also when it is cancelled already.
/// Rejects: conflict (shipped or expired). Idempotent.
struct Cancel {
  using Is = troupe::Idempotent<>;
  static constexpr auto rejects = troupe::codes("not_found", "forbidden", "conflict");
};

/// Charges the card for a placed order. `operation` names the attempt: a repetition is answered as the first.
/// Reply: the order. Rejects: payment_declined, conflict, payment_pending (the provider stays silent: repeat it a
/// little later; whoever waits does so between turns, so that the order can be read meanwhile). Idempotent.
struct Pay {
  using Is = troupe::Idempotent<View>;
  static constexpr auto rejects = troupe::codes("not_found", "forbidden", "conflict", "payment_declined",
                                                "payment_pending", "overloaded", "unavailable");
  troupe::Uuid operation;
  troupe::Secret card;

  static bool is_card(std::string_view text) {
    return text.size() >= 13 && text.size() <= 19 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  }
  static void check(troupe::Checker<Pay>& c) { c.field(&Pay::card).matches(&is_card, "13 to 19 digits"); }
};

/// Hands a paid order to a carrier. `operation` names the attempt: a repetition is answered as the first.
/// Reply: the order. Rejects: forbidden (but to admins), conflict. Idempotent.
struct Ship {
  using Is = troupe::Idempotent<View>;
  static constexpr auto rejects = troupe::codes("not_found", "forbidden", "conflict");
  troupe::Uuid operation;
  std::string carrier;
  std::string tracking;

  static void check(troupe::Checker<Ship>& c) {
    c.field(&Ship::carrier).length(1, 100);
    c.field(&Ship::tracking).length(1, 100);
  }
};

/// Finishes or undoes what was left half done, expires the order when it is unpaid for too long, and forgets it when it
/// never came to be. Reply: Done, when nothing is left to do now. Rejects: forbidden (but to nodes). Idempotent.
struct Settle {
  using Is = troupe::Idempotent<>;
  static constexpr auto rejects = troupe::codes("forbidden", "conflict", "payment_pending");
};

/// Orders that ask for attention at `until` or before. Reply: their ids, longest due first. Read, of the directory.
struct Due {
  using Is = troupe::Listing<std::vector<OrderId>>;
  troupe::Time until;
  std::uint32_t limit = 0;
};

/// A user's placed and paid orders. Reply: their ids. Read, of the directory.
struct Live {
  using Is = troupe::Listing<std::vector<OrderId>>;
  UserId user;
  std::uint32_t limit = 0;
};

struct Api : troupe::Protocol<"order", Place, Get, GetStatus, List, Edit, Cancel, Pay, Ship, Settle, Due, Live> {};

/// A user as the order domain knows one: the entity "customer", keyed by the user's id.
namespace customer {

/// The user is gone: placed and paid orders are cancelled, soon. To be sent. Reply: Done. Idempotent.
struct Leave {
  using Is = troupe::Idempotent<>;
};

/// Goes on with a leaving that is not over. Reply: Done. Idempotent.
struct Follow {
  using Is = troupe::Idempotent<>;
};

/// Customers whose leaving asks for attention at `until` or before. Reply: their ids. Read, of the directory.
struct Leaving {
  using Is = troupe::Listing<std::vector<UserId>>;
  troupe::Time until;
  std::uint32_t limit = 0;
};

using Api = troupe::Protocol<"customer", Leave, Follow, Leaving>;

}  // namespace customer

}  // namespace shop::order
