#include "actors/wishlist/wisher.hpp"

namespace shop::wishlist::wisher {

using namespace troupe;

Task<Done> Wisher::on(Leave) {
  const auto page = co_await directory<wishlist::Api>().ask<List>(200U, std::nullopt, UserId{key().id()});
  for (const View& wish : page.items) send<Forget>(wish.id);
  if (page.next_cursor) send<Leave>(actor<Api>(key()));
  co_return Done{};
}

}  // namespace shop::wishlist::wisher
