#include "tests/bench/killed_node.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <stdexcept>
#include <string>

#include "tests/bench/http_load.hpp"
#include "tests/bench/shop_request.hpp"
#include "tests/bench/shop_server.hpp"
#include "tests/http_client/connection.hpp"
#include "tests/process/node_processes.hpp"

namespace troupe::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kills = 3;
constexpr std::chrono::seconds longest_outage{30};

/// Few enough that the machine has time for the node that starts.
LoadReport read_products(std::uint16_t port, std::chrono::milliseconds time, const std::string& id) {
  const std::string bytes = bytes_of(request_of("GET", "/products/" + id));
  const LoadPlan plan{.port = port, .connections = 4, .warm_up = {}, .longest = time, .requests = {}, .server = {}};
  return run_load(plan, [&bytes](std::uint64_t, std::string& request) { request = bytes; });
}

double milliseconds_until_placed(std::uint16_t port, const http_client::Request& order) {
  const auto begin = Clock::now();
  http_client::Connection connection("127.0.0.1:" + std::to_string(port));
  while (connection.exchange(order).status != 201) {
    if (Clock::now() - begin > longest_outage) throw std::runtime_error("orders are not placed again");
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

}  // namespace

std::vector<Sample> measure_killed_node(const Setup& setup) {
  ShopServer shop(setup.programs / "shop", setup.scratch / "shop", {.nodes = ShopShape::Nodes::three});
  const std::string product = shop.create_products(1).at(0);
  const std::string token = shop.sign_in_customers(1).at(0);
  const auto order =
      request_of("POST", "/orders", token, R"({"items":[{"product_id":")" + product + R"(","quantity":1}]})");
  milliseconds_until_placed(shop.port(), order);
  auto others = std::async(std::launch::async, read_products, shop.port(), 2 * setup.measured, product);
  double longest = 0;
  for (int i = 0; i < kills; ++i) {
    ::kill(process::nodes_below(shop.pid()).at("orders"), SIGKILL);
    longest = std::max(longest, milliseconds_until_placed(shop.port(), order));
  }
  const LoadReport report = others.get();
  return {{"again", longest, "ms"},
          {"others", static_cast<double>(report.answered), "requests"},
          {"others_failed", static_cast<double>(report.failed), "requests"}};
}

}  // namespace troupe::bench
