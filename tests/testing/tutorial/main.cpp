#include <troupe/cli/command_line.hpp>
#include "actors/wishlist/declaration.hpp"
#include "apps/shop/first_start.hpp"
#include "apps/shop/session_tokens.hpp"
#include "apps/shop/shop.hpp"

// The shop's own main with the tutorial's domain in it.
int main(int argc, char** argv) {
  troupe::node::Application application("shop", "tutorial");
  application.sessions(&shop::authenticate, "SHOP_TOKEN_KEY");
  application.add(shop::Domains());
  application.add<shop::wishlist::Declaration>();
  application.on_start(&shop::see_to_first_admin);
  return troupe::cli::run(application, argc, argv);
}
