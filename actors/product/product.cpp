#include "actors/product/product.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <troupe/wire/etag.hpp>
#include "actors/product/casefold.hpp"
#include "actors/product/declaration.hpp"

namespace shop::product {

using namespace troupe;

namespace {

View view_of(ProductId id, const State& s) {
  return {id, s.name, s.description, s.price, s.free, s.reserved, s.created_at, s.updated_at};
}

bool has_content_of(const State& s, const Create& m) {
  return s.name == m.name && s.description == m.description && s.price == m.price && s.initial_stock == m.stock;
}

}  // namespace

std::string casefolded_name(const State& state) { return casefold(state.name); }

Task<View> Product::on(Create m) {
  if (exists()) {
    if (has_content_of(state(), m)) co_return view();
    co_return Rejected{"conflict", "this product exists already, with other content"};
  }
  State& s = edit();
  s.name = std::move(m.name);
  s.description = std::move(m.description);
  s.price = std::move(m.price);
  s.free = s.initial_stock = m.stock;
  s.created_at = s.updated_at = now();
  co_return view();
}

Task<View> Product::on(Get) const {
  if (!exists()) co_return not_found();
  co_return view();
}

Page<View> Product::on(List m, const Rows& rows) {
  const Rows found = m.q && !m.q->empty() ? rows.containing<"name">(casefold(*m.q)) : rows;
  return found.page(m.limit, m.cursor, [](const Key& key, const State& s) { return view_of({key.id()}, s); });
}

Task<View> Product::on(Update m) {
  if (!exists()) co_return not_found();
  if (!etag_matches(m.if_match, etag(view()))) {
    co_return Rejected{"precondition_failed", "the product has changed since it was read"};
  }
  State& s = edit();
  s.name = std::move(m.name);
  s.description = std::move(m.description);
  s.price = std::move(m.price);
  touch();
  co_return view();
}

Task<View> Product::on(AddStock m) {
  if (!exists()) co_return not_found();
  const std::int64_t free = state().free + m.delta;
  if (free < 0) co_return Rejected{"conflict", fmt::format("only {} units are free", state().free)};
  if (free + state().reserved > max_stock) {
    co_return Rejected{"conflict", fmt::format("the stock would exceed {} units", max_stock)};
  }
  edit().free = free;
  touch();
  co_return view();
}

Task<Done> Product::on(Remove) {
  if (!exists()) co_return not_found();
  if (state().reserved > 0) {
    co_return Rejected{"conflict", fmt::format("orders hold {} units", state().reserved)};
  }
  erase();
  co_return Done{};
}

Task<Reserved> Product::on(Reserve m) {
  if (!exists()) co_return not_found();
  Hold hold;
  if (const Hold* seen = state().holds.find(m.order)) {
    hold = *seen;
    if (hold.stage == Hold::Stage::shipped) co_return Rejected{"superseded", "the order was shipped"};
    if (m.revision == hold.revision && m.quantity == hold.quantity) co_return reserved();
    const bool newer = m.revision > hold.revision || (m.revision == hold.revision && m.quantity == 0);
    if (!newer) co_return Rejected{"superseded", "a later revision of the order was seen"};
  }
  const std::int64_t free = state().free + hold.quantity - m.quantity;
  if (free < 0) {
    co_return Rejected{"out_of_stock", fmt::format("{} of '{}' ({}) are left", state().free + hold.quantity,
                                                   state().name, to_text(ProductId{key().id()}))};
  }
  State& s = edit();
  s.free = free;
  s.reserved += std::int64_t{m.quantity} - hold.quantity;
  purge();
  hold.revision = m.revision;
  hold.quantity = m.quantity;
  if (m.quantity == 0) {
    leave_tombstone(m.order, hold);
  } else {
    hold.retired.reset();
    s.holds.put(m.order, hold);
  }
  co_return reserved();
}

Task<Done> Product::on(Ship m) {
  if (!exists()) co_return Done{};
  const Hold* held = state().holds.find(m.order);
  if (held == nullptr || held->quantity == 0) co_return Done{};
  Hold hold = *held;
  edit().reserved -= hold.quantity;
  purge();
  hold.quantity = 0;
  hold.stage = Hold::Stage::shipped;
  leave_tombstone(m.order, hold);
  co_return Done{};
}

View Product::view() const { return view_of({key().id()}, state()); }

Reserved Product::reserved() const { return {state().name, state().price, state().free}; }

Rejected Product::not_found() const { return {"not_found", "there is no product " + key().to_string()}; }

/// The wall clock may step back; what was written last must not look older.
void Product::touch() { edit().updated_at = std::max(now(), state().updated_at); }

void Product::leave_tombstone(OrderId order, Hold hold) {
  hold.retired = new_id<Uuid>();
  edit().retired.put(*hold.retired, {order, now()});
  edit().holds.put(order, hold);
}

void Product::purge() {
  std::vector<std::pair<Uuid, OrderId>> old;
  state().retired.each([&](const Uuid& place, const Tombstone& tombstone) {
    if (now() - tombstone.at < retention) return false;
    old.emplace_back(place, tombstone.order);
    return old.size() < purged_at_once;
  });
  for (const auto& [place, order] : old) {
    edit().retired.remove(place);
    // An order that came back to life has left this place, and may have another.
    const Hold* hold = state().holds.find(order);
    if (hold != nullptr && hold->retired == place) edit().holds.remove(order);
  }
}

}  // namespace shop::product

template struct troupe::DomainOf<shop::product::Declaration>;
