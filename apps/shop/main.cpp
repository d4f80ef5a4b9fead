#include <troupe/cli/command_line.hpp>
#include "apps/shop/first_start.hpp"
#include "apps/shop/session_tokens.hpp"
#include "apps/shop/shop.hpp"

int main(int argc, char** argv) {
  troupe::node::Application application("shop", SHOP_VERSION);
  application.sessions(&shop::authenticate, "SHOP_TOKEN_KEY");
  application.add(shop::Domains());
  application.on_start(&shop::see_to_first_admin);
  return troupe::cli::run(application, argc, argv);
}
