#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"
#include "actors/money.hpp"

/// What others may see of products: their stock, and who holds how much of it.
///
/// Every message about one product rejects `not_found` when there is none, unless it says otherwise.
namespace shop::product {

/// The most that a product's free and reserved units may be together.
inline constexpr std::int64_t max_stock = 1'000'000'000;
/// The most that one order may hold of a product.
inline constexpr std::uint32_t max_quantity = 10'000;

/// Which of its attempts an order speaks of; a later one is higher.
enum class Revision : std::uint32_t {};

constexpr Revision operator+(Revision revision, std::uint32_t later) {
  return Revision{static_cast<std::uint32_t>(revision) + later};
}

}  // namespace shop::product

template <>
inline constexpr bool troupe::wire::is_number<shop::product::Revision> = true;

namespace shop::product {

struct View {
  ProductId id;
  std::string name;
  std::optional<std::string> description;
  Money price;
  std::int64_t stock = 0;     ///< free to sell
  std::int64_t reserved = 0;  ///< held by orders that are placed or paid
  troupe::Time created_at;
  troupe::Time updated_at;  ///< of an administrator's last change; orders don't move it

  friend bool operator==(const View&, const View&) = default;
};

/// Makes the product that has this message's target as its key.
/// Reply: the product; also for a repetition with the same content. Rejects: conflict. Keyed.
struct Create {
  using Is = troupe::Keyed<View>;
  static constexpr auto rejects = troupe::codes("conflict");
  std::string name;
  std::optional<std::string> description;
  Money price;
  std::int64_t stock = 0;

  static void check(troupe::Checker<Create>& c) {
    c.field(&Create::name).length(1, 200);
    c.field(&Create::description).length(0, 10'000);
    c.field(&Create::stock).range(0, max_stock);
  }
};

/// Reply: the product. Read.
struct Get {
  using Is = troupe::Read<View>;
  static constexpr auto rejects = troupe::codes("not_found");
};

/// All products whose name contains `q`, without regard to case; newest first. Reply: a page. Read, of the directory.
struct List {
  using Is = troupe::Listing<troupe::Page<View>>;

  std::uint32_t limit = 50;
  std::optional<troupe::Cursor> cursor;
  std::optional<std::string> q;

  static void check(troupe::Checker<List>& c) { c.field(&List::limit).range(1, 200); }
};

/// Replaces name, description and price. `if_match`: only while the product has one of these entity tags, or "*".
/// Reply: the product. Rejects: precondition_failed. Keyed.
struct Update {
  using Is = troupe::Keyed<View>;
  static constexpr auto rejects = troupe::codes("not_found", "precondition_failed");
  std::string name;
  std::optional<std::string> description;
  Money price;
  std::optional<std::vector<std::string>> if_match;

  static void check(troupe::Checker<Update>& c) {
    c.field(&Update::name).length(1, 200);
    c.field(&Update::description).length(0, 10'000);
  }
};

/// Adds units to the free stock, or takes some out. Reply: the product. Rejects: conflict, when the free stock would
/// fall below zero, or free and reserved rise above max_stock. Keyed.
struct AddStock {
  using Is = troupe::Keyed<View>;
  static constexpr auto rejects = troupe::codes("not_found", "conflict");
  std::int64_t delta = 0;

  static void check(troupe::Checker<AddStock>& c) { c.field(&AddStock::delta).range(-max_stock, max_stock); }
};

/// Reply: Done. Rejects: conflict, while orders hold units. Keyed.
struct Remove {
  using Is = troupe::Keyed<>;
  static constexpr auto rejects = troupe::codes("not_found", "conflict");
};

struct Reserved {
  std::string name;
  Money unit_price;
  std::int64_t free = 0;

  friend bool operator==(const Reserved&, const Reserved&) = default;
};

/// From now on `order` holds `quantity` units; 0 releases them, also before they were reserved.
///
/// Revisions make repetitions and late arrivals harmless: a lower one than was seen is refused, and so is the same one
/// with another quantity, unless that is 0. An order is remembered for an hour after its units were released or
/// shipped. Reply: Reserved. Rejects: out_of_stock (the detail names the product), superseded (a later revision was
/// seen, or the units were shipped). Idempotent.
struct Reserve {
  using Is = troupe::Idempotent<Reserved>;
  static constexpr auto rejects = troupe::codes("not_found", "out_of_stock", "superseded");
  OrderId order;
  Revision revision{};
  std::uint32_t quantity = 0;

  static void check(troupe::Checker<Reserve>& c) { c.field(&Reserve::quantity).range(0, max_quantity); }
};

/// The order's units have left the house: they leave `reserved`, and nothing can bring them back.
/// Reply: Done, also when the order holds nothing, or the product is gone. Idempotent.
struct Ship {
  using Is = troupe::Idempotent<>;
  OrderId order;
};

struct Api : troupe::Protocol<"product", Create, Get, List, Update, AddStock, Remove, Reserve, Ship> {};

}  // namespace shop::product
