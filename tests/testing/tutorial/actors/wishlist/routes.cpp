#include <troupe/gateway/routes.hpp>

#include "actors/wishlist/declaration.hpp"

namespace shop::wishlist {

void Declaration::routes(troupe::gateway::Routes& r) {
  r.problem("no_such_product", 422, "No such product");
  r.post<Api, Add>("/wishes").signed_in().creates().fills(&Add::user_id).says("Adds a product to the caller's wishes");
  r.get<Api, List>("/wishes").signed_in().own_unless("admin", &List::user_id).says("Lists the caller's wishes");
  r.remove<Api, Remove>("/wishes/{id}").signed_in().says("Removes a wish");
}

}  // namespace shop::wishlist
