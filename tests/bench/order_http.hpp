#pragma once

#include <boost/beast/http/status.hpp>
#include <string>
#include <variant>
#include <vector>

#include "tests/bench/beast_server.hpp"
#include "tests/bench/order_flow.hpp"

namespace troupe::bench {

struct OrderRequest {
  std::string token;
  std::vector<Wanted> items;
};

/// What a `POST /orders` asks for, or the status that refuses it.
std::variant<OrderRequest, boost::beast::http::status> read_order_request(const Request& request);

Response placed(const Request& request, const Order& order);
Response refused(const Request& request, boost::beast::http::status status);

}  // namespace troupe::bench
