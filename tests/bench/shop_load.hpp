#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/http_load.hpp"
#include "tests/bench/sample.hpp"

namespace troupe::bench {

struct LoadTimes {
  std::chrono::milliseconds warm_up;
  std::chrono::milliseconds measured;
};

/// `GET /products/{id}` over 64 keep-alive connections, on the shop or on a peer that answers the same.
LoadReport load_product(const LoadTimes& times, std::uint16_t port, pid_t server, const std::string& id);

/// `POST /orders` over 64 keep-alive connections: one unit of one product each, spread by chance over `products` and
/// over the customers of `tokens`, who signed in before.
LoadReport load_orders(const LoadTimes& times, std::uint16_t port, pid_t server,
                       const std::vector<std::string>& products, const std::vector<std::string>& tokens);

/// A report as samples: `rate`, `cpu` (of the server, a request), `p50`, `p90`, `p99`, `max`, `client_cpu`, `failed`.
std::vector<Sample> samples_of(const LoadReport& report);

}  // namespace troupe::bench
