// The shop's user domain alone.
#include <troupe/cli/command_line.hpp>
#include "apps/shop/domains.hpp"

int main(int argc, char** argv) {
  troupe::node::Application application("shop", SHOP_VERSION);
  shop::host_user(application);
  shop::know_product(application);
  shop::know_order(application);
  application.without_gateway();
  return troupe::cli::run(application, argc, argv);
}
