#include "actors/wishlist/wish.hpp"

#include <utility>

#include "actors/product/api.hpp"

namespace shop::wishlist {

using namespace troupe;

namespace {

View view_of(const Key& key, const State& s) {
  return {WishId{key.id()}, s.user_id, s.product_id, s.product_name, s.note, s.added_at};
}

}  // namespace

Task<View> Wish::on(Add m) {
  auto product = co_await actor<product::Api>(m.product_id).try_ask<product::Get>();
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
  return chosen.page(m.limit, m.cursor, &view_of);
}

}  // namespace shop::wishlist
