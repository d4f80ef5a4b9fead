#include "actors/product/domain.hpp"

#include "actors/product/product.hpp"

namespace shop::product {

troupe::Domain product_domain() {
  troupe::Domain domain("product");
  domain.entity<Product>();
  return domain;
}

}  // namespace shop::product
