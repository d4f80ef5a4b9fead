#include "actors/wishlist/wish.hpp"

#include <stdexcept>
#include <utility>

#include <troupe/actor.hpp>
#include <troupe/wire/json.hpp>

namespace shop::wishlist {

using namespace troupe;

namespace {

View view_of(const Key& key, const State& s) {
  return {WishId{key.id()}, s.user_id, s.product_id, s.product_name, s.note, s.added_at};
}

/// A state of version 1: wishes had no notes.
struct WithoutNote {
  UserId user_id;
  ProductId product_id;
  std::string product_name;
  Time added_at;
};

}  // namespace

State State::upgrade(std::uint32_t, std::string_view json) {
  auto old = wire::from_stored_json<WithoutNote>(json);
  if (!old) throw std::runtime_error("a wish of version 1 can't be read");
  return {old->user_id, old->product_id, std::move(old->product_name), "", old->added_at};
}

Task<View> Wish::on(Add m) {
  auto product = co_await m.product_id.try_ask<product::Get>();
  if (product.rejected("not_found")) {
    co_return Rejected{"no_such_product", "there is no product " + to_text(m.product_id)};
  }
  if (!product) co_return std::move(product).failure();
  edit() = {m.user_id, m.product_id, product->name, std::move(m.note), now()};
  co_return view_of(key(), state());
}

Task<Done> Wish::on(Remove) {
  if (!exists() || !principal().is_user(state().user_id.value)) {
    co_return Rejected{"not_found", "you have no such wish"};
  }
  erase();
  co_return Done{};
}

Page<View> Wish::on(List m, const Rows& rows) {
  const Rows chosen = m.user_id ? rows.where<"user">(*m.user_id) : rows;
  if (m.sort == Sort::product) return chosen.by<"product_name">().page(m.limit, m.cursor, &view_of);
  return chosen.page(m.limit, m.cursor, &view_of);
}

Task<Done> Wish::on(Forget) {
  if (exists()) erase();
  co_return Done{};
}

std::vector<WishId> Wish::on(Old m, const Rows& rows) {
  std::vector<WishId> old;
  rows.up_to<"added">(m.until).each([&](const Key& key, const State&) {
    old.push_back(WishId{key.id()});
    return old.size() < m.limit;
  });
  return old;
}

Task<Done> forget_old(Share<Api> wishes) {
  const Time until = co_await current_time() - kept_for;
  const auto old = co_await wishes.ask<Old>(until, 100U);
  co_await all(old, [](WishId wish) { return wish.ask<Forget>(); });
  co_return Done{};
}

}  // namespace shop::wishlist
