/// The limit for `POST /orders`: the order flow in one process, in memory, by direct calls on bare Beast. A token names
/// a user, a product gives up stock, an order is recorded. Nothing is durable and nothing can be retried.
///
/// One loop, so that the three tables need no locks, as a single-threaded server would have it.
#include <CLI/CLI.hpp>
#include <array>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <ctime>
#include <optional>
#include <unordered_map>

#include "tests/bench/beast_server.hpp"

namespace http = boost::beast::http;
namespace json = boost::json;
using namespace troupe::bench;

namespace {

class Users {
 public:
  explicit Users(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) ids_by_token_["token-" + std::to_string(i)] = "user-" + std::to_string(i);
  }
  const std::string* find_by_token(const std::string& token) const {
    const auto found = ids_by_token_.find(token);
    return found == ids_by_token_.end() ? nullptr : &found->second;
  }

 private:
  std::unordered_map<std::string, std::string> ids_by_token_;
};

struct Product {
  std::string name;
  std::int64_t price = 1999;
  std::int64_t stock = 1'000'000'000;
};

class Products {
 public:
  explicit Products(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) products_["product-" + std::to_string(i)] = {.name = "Teapot"};
  }
  const Product* reserve(const std::string& id, std::int64_t quantity) {
    const auto found = products_.find(id);
    if (found == products_.end() || found->second.stock < quantity) return nullptr;
    found->second.stock -= quantity;
    return &found->second;
  }

 private:
  std::unordered_map<std::string, Product> products_;
};

struct Line {
  std::string product;
  std::string name;
  std::int64_t unit_price = 0;
  std::int64_t quantity = 0;
};

struct Order {
  std::string id;
  std::string user;
  std::vector<Line> lines;
  std::int64_t total = 0;
  std::string created_at;
};

std::string timestamp() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto milliseconds = now.time_since_epoch().count() % 1000;
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds));
  return std::string(text.data(), length) + fraction.data();
}

json::object money(std::int64_t amount) { return {{"amount", amount}, {"currency", "USD"}}; }

std::string to_json(const Order& order) {
  json::array items;
  for (const Line& line : order.lines) {
    items.push_back({{"product_id", line.product},
                     {"name", line.name},
                     {"unit_price", money(line.unit_price)},
                     {"quantity", line.quantity}});
  }
  return json::serialize(json::object{{"id", order.id},
                                      {"user_id", order.user},
                                      {"status", "placed"},
                                      {"items", std::move(items)},
                                      {"total", money(order.total)},
                                      {"created_at", order.created_at},
                                      {"updated_at", order.created_at}});
}

class Shop {
 public:
  Shop(std::size_t users, std::size_t products) : users_(users), products_(products) {}

  Response answer(const Request& request) {
    if (request.method() != http::verb::post || request.target() != "/orders") return refuse(request, 404);
    const auto authorization = request[http::field::authorization];
    if (!authorization.starts_with("Bearer ")) return refuse(request, 401);
    const std::string* user = users_.find_by_token(std::string(authorization.substr(7)));
    if (user == nullptr) return refuse(request, 401);
    boost::system::error_code error;
    const json::value body = json::parse(request.body(), error);
    if (error) return refuse(request, 400);
    const std::optional<Order> order = place(*user, body);
    if (!order) return refuse(request, 422);
    Response response = json_response(request, http::status::created, to_json(*order));
    response.set(http::field::location, "/orders/" + order->id);
    return response;
  }

 private:
  static Response refuse(const Request& request, unsigned status) {
    return json_response(request, http::int_to_status(status), R"({"title":"refused"})");
  }

  std::optional<Order> place(const std::string& user, const json::value& body) {
    Order order{"order-" + std::to_string(orders_.size()), user, {}, 0, timestamp()};
    const json::object* document = body.if_object();
    const json::value* items = document == nullptr ? nullptr : document->if_contains("items");
    if (items == nullptr || !items->is_array()) return std::nullopt;
    for (const json::value& item : items->get_array()) {
      const std::string product_id(item.at("product_id").as_string());
      const std::int64_t quantity = item.at("quantity").as_int64();
      const Product* product = products_.reserve(product_id, quantity);
      if (product == nullptr) return std::nullopt;
      order.lines.push_back({product_id, product->name, product->price, quantity});
      order.total += product->price * quantity;
    }
    orders_.emplace(order.id, order);
    return order;
  }

  Users users_;
  Products products_;
  std::unordered_map<std::string, Order> orders_;
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t users = 8;
  std::size_t products = 200;
  CLI::App options("Serves POST /orders from memory: products product-0…, tokens token-0….");
  options.add_option("--users", users, "known users");
  options.add_option("--products", products, "known products");
  CLI11_PARSE(options, argc, argv);

  Shop shop(users, products);
  serve(1, [&shop](const Request& request) { return shop.answer(request); });
}
