/// gRPC as a C++ team would use it today: asynchronous calls over completion queues, one thread a service. Calls
/// between two processes, and the order flow as three services behind an HTTP edge on Beast.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/bench/grpc/calls.hpp"
#include "tests/bench/grpc/shop.hpp"

namespace rpc = troupe::bench::rpc;

int main(int argc, char** argv) try {
  double seconds = 2;
  std::size_t user_count = 8;
  std::size_t product_count = 200;
  std::string products_address;
  CLI::App options("Measures gRPC between processes, or serves the order flow as three gRPC services.");
  options.require_subcommand(1);
  CLI::App* calls = options.add_subcommand("calls", "calls between two processes");
  calls->add_option("--seconds", seconds, "of each measurement")->check(CLI::PositiveNumber);
  CLI::App* replier = options.add_subcommand("replier", "the other end of calls");
  CLI::App* shop = options.add_subcommand("shop", "POST /orders; starts the three services");
  CLI::App* users = options.add_subcommand("users", "a service of the shop");
  users->add_option("--count", user_count, "known users");
  CLI::App* products = options.add_subcommand("products", "a service of the shop");
  products->add_option("--count", product_count, "known products");
  CLI::App* orders = options.add_subcommand("orders", "a service of the shop");
  orders->add_option("products", products_address, "address of the products' service")->required();
  CLI11_PARSE(options, argc, argv);

  if (calls->parsed()) rpc::measure_calls_between_processes(argv[0], std::chrono::duration<double>(seconds));
  if (replier->parsed()) rpc::serve_replier();
  if (users->parsed()) rpc::serve_users(user_count);
  if (products->parsed()) rpc::serve_products(product_count);
  if (orders->parsed()) rpc::serve_orders(products_address);
  if (shop->parsed()) rpc::serve_shop(argv[0]);
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
