// The shop's product domain alone.
#include <troupe/cli/command_line.hpp>
#include "apps/shop/domains.hpp"

int main(int argc, char** argv) {
  troupe::node::Application application("shop", SHOP_VERSION);
  shop::know_user(application);
  shop::host_product(application);
  shop::know_order(application);
  application.without_gateway();
  return troupe::cli::run(application, argc, argv);
}
