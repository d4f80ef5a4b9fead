#include "actors/order/basket.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace shop::order {

using troupe::Failure;
using troupe::Outcome;
using troupe::Rejected;

namespace {

const Quantity* find(const std::vector<Quantity>& quantities, ProductId product) {
  const auto it = std::ranges::find(quantities, product, &Quantity::product);
  return it == quantities.end() ? nullptr : &*it;
}

Rejected invalid_items(std::string detail) {
  Rejected rejected{"invalid", "the items break a rule"};
  rejected.faults.push_back({"/items", std::move(detail)});
  return rejected;
}

/// The answer that speaks for all: an order is refused for one reason.
const Failure* first_rejection(const std::vector<Outcome<product::Reserved>>& answers, std::string_view code) {
  for (const auto& answer : answers) {
    if (answer.rejected(code)) return &answer.failure();
  }
  return nullptr;
}

bool one_currency(const std::vector<Outcome<product::Reserved>>& answers) {
  const std::string* currency = nullptr;
  for (const auto& answer : answers) {
    if (!answer.ok()) continue;
    if (!currency) currency = &answer->unit_price.currency;
    if (answer->unit_price.currency != *currency) return false;
  }
  return true;
}

}  // namespace

Outcome<std::vector<Quantity>> merge(const std::vector<Item>& items) {
  std::vector<Quantity> merged;
  merged.reserve(items.size());
  Rejected rejected{"invalid", "the items break a rule"};
  for (std::size_t i = 0; i < items.size(); ++i) {
    const ProductId product = items[i].product_id.id();
    const auto it = std::ranges::find(merged, product, &Quantity::product);
    if (it == merged.end()) {
      merged.push_back({product, items[i].quantity});
      continue;
    }
    it->quantity += items[i].quantity;
    if (it->quantity <= product::max_quantity) continue;
    rejected.faults.push_back(
        {"/items/" + std::to_string(i) + "/quantity", "must not make more than 10000 of one product together"});
  }
  if (!rejected.faults.empty()) return rejected;
  return merged;
}

Outcome<std::vector<Line>> price(const std::vector<Quantity>& wanted,
                                 std::vector<Outcome<product::Reserved>>& answers) {
  if (const auto* missing = first_rejection(answers, "not_found")) return Failure(*missing);
  if (!one_currency(answers)) return invalid_items("must be of one currency");
  if (const auto* sold_out = first_rejection(answers, "out_of_stock")) return Failure(*sold_out);
  std::vector<Line> lines;
  lines.reserve(wanted.size());
  std::int64_t total = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!answers[i].ok()) return Failure(answers[i].failure());
    total += answers[i]->unit_price.amount * wanted[i].quantity;  // at most 100 * 9e9 * 1e4
    lines.push_back(
        {wanted[i].product, std::move(answers[i]->name), std::move(answers[i]->unit_price), wanted[i].quantity});
  }
  if (total > Money::max_amount) return invalid_items("must not cost more than 9000000000 together");
  return lines;
}

Money total_of(const std::vector<Line>& lines) {
  Money total;
  if (!lines.empty()) total.currency = lines.front().unit_price.currency;
  for (const auto& line : lines) total.amount += line.unit_price.amount * line.quantity;
  return total;
}

std::uint32_t quantity_in(const std::vector<Line>& lines, ProductId product) {
  const auto it = std::ranges::find(lines, product, &Line::product_id);
  return it == lines.end() ? 0 : it->quantity;
}

std::vector<Quantity> before_trimming(const std::vector<Line>& lines, std::vector<Quantity> wanted) {
  for (auto& each : wanted) each.quantity = std::max(each.quantity, quantity_in(lines, each.product));
  return wanted;
}

std::vector<Quantity> to_restore(const std::vector<Line>& lines, const std::vector<Quantity>& wanted) {
  std::vector<Quantity> restored;
  for (const auto& each : wanted) {
    const std::uint32_t before = quantity_in(lines, each.product);
    if (each.quantity > before) restored.push_back({each.product, before});
  }
  return restored;
}

std::vector<Quantity> to_trim(const std::vector<Line>& lines, const std::vector<Quantity>& wanted) {
  std::vector<Quantity> trimmed;
  for (const auto& line : lines) {
    const auto* after = find(wanted, line.product_id);
    const std::uint32_t quantity = after ? after->quantity : 0;
    if (quantity < line.quantity) trimmed.push_back({line.product_id, quantity});
  }
  return trimmed;
}

}  // namespace shop::order
