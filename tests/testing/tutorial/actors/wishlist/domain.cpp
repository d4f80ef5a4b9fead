#include "actors/wishlist/domain.hpp"

#include "actors/wishlist/wish.hpp"

namespace shop::wishlist {

troupe::Domain wishlist_domain() {
  troupe::Domain domain("wishlist");
  domain.entity<Wish>();
  return domain;
}

}  // namespace shop::wishlist
