#include <troupe/cli/command_line.hpp>
#include "actors/order/domain.hpp"
#include "actors/order/routes.hpp"
#include "actors/product/domain.hpp"
#include "actors/product/routes.hpp"
#include "actors/user/domain.hpp"
#include "actors/user/routes.hpp"
#include "actors/wishlist/domain.hpp"
#include "actors/wishlist/routes.hpp"
#include "apps/shop/first_start.hpp"
#include "apps/shop/session_tokens.hpp"

// The shop's own main with the tutorial's domain in it.
int main(int argc, char** argv) {
  troupe::node::Application application("shop", "tutorial");
  application.sessions(&shop::authenticate, "SHOP_TOKEN_KEY");
  application.domain<"user">(&shop::user::user_domain,
                             [](troupe::gateway::Routes& routes, const troupe::node::Services& services) {
                               shop::user::routes(routes, shop::issue_with(services.signer));
                             });
  application.domain<"product">(
      &shop::product::product_domain,
      [](troupe::gateway::Routes& routes, const troupe::node::Services&) { shop::product::routes(routes); });
  application.domain<"order", shop::order::Settings>(
      [](const shop::order::Settings& settings) { return shop::order::order_domain(settings); },
      [](troupe::gateway::Routes& routes, const troupe::node::Services&) { shop::order::routes(routes); });
  application.domain<"wishlist">(
      &shop::wishlist::wishlist_domain,
      [](troupe::gateway::Routes& routes, const troupe::node::Services&) { shop::wishlist::routes(routes); });
  application.on_start(&shop::see_to_first_admin);
  return troupe::cli::run(application, argc, argv);
}
