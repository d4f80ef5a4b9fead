#include <troupe/gateway/routes.hpp>

#include "actors/product/declaration.hpp"

namespace shop::product {

void Declaration::routes(troupe::gateway::Routes& r) {
  r.problem("out_of_stock", 422, "Out of stock");
  r.post<Api, Create>("/products").creates().role("admin").says("Adds a product");
  r.get<Api, Get>("/products/{id}").etag().says("Shows a product");
  r.get<Api, List>("/products").says("Lists products, newest first");
  r.put<Api, Update>("/products/{id}").role("admin").if_match(&Update::if_match).says("Replaces a product");
  r.post<Api, AddStock>("/products/{id}/stock").role("admin").says("Changes the free stock");
  r.remove<Api, Remove>("/products/{id}").role("admin").says("Removes a product");
}

}  // namespace shop::product
