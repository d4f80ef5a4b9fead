#pragma once

#include <troupe/actor.hpp>
#include "actors/product/api.hpp"

namespace shop::product {

/// What an order has of a product, and the latest that it said.
struct Hold {
  enum class Stage : std::uint8_t {
    open,     ///< `quantity` units are reserved, or were released when it is 0
    shipped,  ///< final
  };

  Revision revision{};
  std::uint32_t quantity = 0;
  Stage stage = Stage::open;
  std::optional<troupe::Uuid> retired;  ///< the key of its tombstone, when it holds nothing any more
};

/// Tells that a hold is empty, and is kept only to refuse what comes late.
struct Tombstone {
  OrderId order;
  troupe::Time at;
};

/// Free and reserved units change only together with the holds: `reserved` is the sum of their quantities.
struct State {
  std::string name;
  std::optional<std::string> description;
  Money price;
  std::int64_t free = 0;
  std::int64_t reserved = 0;
  std::int64_t initial_stock = 0;
  troupe::Time created_at;
  troupe::Time updated_at;
  troupe::Table<OrderId, Hold> holds;
  troupe::Table<troupe::Uuid, Tombstone> retired;  ///< oldest first: the keys are time-ordered
};

std::string casefolded_name(const State& state);

/// A product: what it is, what it costs, and who holds how much of its stock.
class Product : public troupe::Entity<Api, State, troupe::Indexes<troupe::Index<"name", &casefolded_name>>> {
 public:
  /// How long a hold that is empty still refuses what comes late: far longer than any retry.
  static constexpr auto retention = std::chrono::hours(1);
  /// How many of those are forgotten in one turn at most: more than one turn can add.
  static constexpr std::size_t purged_at_once = 4;

  troupe::Task<View> on(Create m);
  troupe::Task<View> on(Get m) const;
  static troupe::Page<View> on(List m, const Rows& rows);
  troupe::Task<View> on(Update m);
  troupe::Task<View> on(AddStock m);
  troupe::Task<troupe::Done> on(Remove m);
  troupe::Task<Reserved> on(Reserve m);
  troupe::Task<troupe::Done> on(Ship m);

 private:
  View view() const;
  Reserved reserved() const;
  troupe::Rejected not_found() const;
  void touch();
  void leave_tombstone(OrderId order, Hold hold);
  void purge();
};

}  // namespace shop::product
