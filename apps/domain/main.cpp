// One of the shop's domains alone, and the others by name: compiled for each as shop-<domain>.
#include <troupe/cli/command_line.hpp>
#include "apps/shop/shop.hpp"

int main(int argc, char** argv) {
  troupe::node::Application application("shop", SHOP_VERSION);
  application.add_only<shop::SHOP_DOMAIN::Declaration>(shop::Domains());
  return troupe::cli::run(application, argc, argv);
}
