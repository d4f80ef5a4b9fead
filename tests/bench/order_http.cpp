#include "tests/bench/order_http.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/json.hpp>
#include <iterator>
#include <optional>
#include <utility>

namespace troupe::bench {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

constexpr std::size_t parser_bytes = 4096;

/// The items of the body; absent when it is not of that form.
std::optional<std::vector<Wanted>> wanted_items(const json::value& body) {
  const json::object* document = body.if_object();
  const json::value* items = document == nullptr ? nullptr : document->if_contains("items");
  if (items == nullptr || !items->is_array()) return std::nullopt;
  std::vector<Wanted> wanted;
  for (const json::value& element : items->get_array()) {
    const json::object* item = element.if_object();
    const json::value* product = item == nullptr ? nullptr : item->if_contains("product_id");
    const json::value* quantity = item == nullptr ? nullptr : item->if_contains("quantity");
    if (product == nullptr || !product->is_string() || quantity == nullptr || !quantity->is_int64())
      return std::nullopt;
    wanted.push_back({std::string(product->get_string()), quantity->get_int64()});
  }
  return wanted;
}

/// Known text needs no document to be built first; names and ids here hold nothing that JSON would escape.
std::string to_json(const Order& order) {
  std::string text;
  text.reserve(512);
  auto out = std::back_inserter(text);
  fmt::format_to(out, R"({{"id":"{}","user_id":"{}","status":"placed","items":[)", order.id, order.user);
  for (const Line& line : order.lines) {
    const char* separator = &line == order.lines.data() ? "" : ",";
    fmt::format_to(out,
                   R"({}{{"product_id":"{}","name":"{}","unit_price":{{"amount":{},"currency":"USD"}},"quantity":{}}})",
                   separator, line.product, line.name, line.unit_price, line.quantity);
  }
  fmt::format_to(out, R"(],"total":{{"amount":{},"currency":"USD"}},"created_at":"{}","updated_at":"{}"}})",
                 order.total, order.created_at, order.created_at);
  return text;
}

}  // namespace

std::variant<OrderRequest, http::status> read_order_request(const Request& request) {
  if (request.method() != http::verb::post || request.target() != "/orders") return http::status::not_found;
  const std::string_view scheme = "Bearer ";
  const auto authorization = request[http::field::authorization];
  if (!authorization.starts_with(scheme)) return http::status::unauthorized;
  std::array<unsigned char, parser_bytes> memory;
  json::monotonic_resource resource(memory.data(), memory.size());
  boost::system::error_code error;
  const json::value body = json::parse(request.body(), error, &resource);
  if (error) return http::status::bad_request;
  std::optional<std::vector<Wanted>> items = wanted_items(body);
  if (!items) return http::status::unprocessable_entity;
  return OrderRequest{std::string(authorization.substr(scheme.size())), std::move(*items)};
}

Response placed(const Request& request, const Order& order) {
  Response response = json_response(request, http::status::created, to_json(order));
  response.set(http::field::location, "/orders/" + order.id);
  return response;
}

Response refused(const Request& request, http::status status) {
  return json_response(request, status, R"({"title":"refused"})");
}

}  // namespace troupe::bench
