#pragma once

#include <cstdint>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/api.hpp"
#include "actors/product/api.hpp"

/// What orders are made of, as pure functions: no order, no clock, no asking.
namespace shop::order {

/// So many of a product: wanted, or to be held.
struct Quantity {
  ProductId product;
  std::uint32_t quantity = 0;

  friend bool operator==(const Quantity&, const Quantity&) = default;
};

/// A product that is listed twice is merged, at its first place.
/// Errors: rejected, `invalid` with a fault at the item that makes one product's sum too large.
troupe::Outcome<std::vector<Quantity>> merge(const std::vector<Item>& items);

/// The lines that products' answers make of what was wanted, in its order.
/// Errors: a rejection (`not_found` before `invalid`, for currencies that differ and totals out of range, before
/// `out_of_stock`), else the first failure.
troupe::Outcome<std::vector<Line>> price(const std::vector<Quantity>& wanted,
                                         std::vector<troupe::Outcome<product::Reserved>>& answers);

/// The lines are of one currency, and their total is an amount.
Money total_of(const std::vector<Line>& lines);

std::uint32_t quantity_in(const std::vector<Line>& lines, ProductId product);

/// An edit first takes all that it adds, and keeps what it drops: for each product the larger of before and after.
std::vector<Quantity> before_trimming(const std::vector<Line>& lines, std::vector<Quantity> wanted);
/// What undoes before_trimming(): the quantities of before, where they rose.
std::vector<Quantity> to_restore(const std::vector<Line>& lines, const std::vector<Quantity>& wanted);
/// What an edit then gives back: the quantities of after, where they fell.
std::vector<Quantity> to_trim(const std::vector<Line>& lines, const std::vector<Quantity>& wanted);

}  // namespace shop::order
