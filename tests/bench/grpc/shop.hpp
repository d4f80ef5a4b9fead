#pragma once

#include <cstddef>
#include <string>

namespace troupe::bench::rpc {

/// The order flow in memory as three services, each a process of its own.
void serve_users(std::size_t count);
void serve_products(std::size_t count);
void serve_orders(const std::string& products_address);

/// Starts the three as processes of `program`, which is this program, and serves `POST /orders` on Beast in front of
/// them until SIGTERM.
void serve_shop(const std::string& program);

}  // namespace troupe::bench::rpc
