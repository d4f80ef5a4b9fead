#include "tests/bench/shop_request.hpp"

#include <utility>

namespace troupe::bench {

http_client::Request request_of(std::string method, std::string target, const std::string& token, std::string body) {
  http_client::Request request{std::move(method), std::move(target), std::move(body), {{"Host", "localhost"}}};
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
  if (!request.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  return request;
}

}  // namespace troupe::bench
