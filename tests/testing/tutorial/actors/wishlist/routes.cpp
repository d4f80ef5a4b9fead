#include "actors/wishlist/routes.hpp"

#include "actors/wishlist/api.hpp"

namespace shop::wishlist {

void routes(troupe::gateway::Routes& r) {
  r.problem("no_such_product", 422, "No such product");
  r.post<Api, Add>("/wishes")
      .signed_in()
      .creates()
      .fills(&Add::user_id)
      .rejects("no_such_product")
      .says("Adds a product to the caller's wishes");
  r.get<Api, List>("/wishes").signed_in().own_unless("admin", &List::user_id).says("Lists the caller's wishes");
  r.remove<Api, Remove>("/wishes/{id}").signed_in().says("Removes a wish");
}

}  // namespace shop::wishlist
