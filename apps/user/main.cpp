// The shop's user domain alone.
#include "apps/shop/domains.hpp"
#include "runtime/cli/command_line.hpp"

int main(int argc, char** argv) {
  troupe::node::Application application("shop", SHOP_VERSION);
  shop::host_user(application);
  shop::know_product(application);
  shop::know_order(application);
  application.without_gateway();
  return troupe::cli::run(application, argc, argv);
}
