/// The limit for `POST /orders`: the order flow in one process, in memory, by direct calls on bare Beast. A token names
/// a user, a product gives up stock, an order is recorded. Nothing is durable and nothing can be retried.
///
/// One loop, so that the three tables need no locks, as a single-threaded server would have it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <iterator>
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
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
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

class Shop {
 public:
  Shop(std::size_t users, std::size_t products) : users_(users), products_(products) {}

  Response answer(const Request& request) {
    if (request.method() != http::verb::post || request.target() != "/orders") return refuse(request, 404);
    const auto authorization = request[http::field::authorization];
    if (!authorization.starts_with("Bearer ")) return refuse(request, 401);
    const std::string* user = users_.find_by_token(std::string(authorization.substr(7)));
    if (user == nullptr) return refuse(request, 401);
    std::array<unsigned char, 4096> memory;
    json::static_resource resource(memory.data(), memory.size());
    boost::system::error_code error;
    const json::value body = json::parse(request.body(), error, &resource);
    if (error) return refuse(request, 400);
    const Order* order = place(*user, body);
    if (order == nullptr) return refuse(request, 422);
    Response response = json_response(request, http::status::created, to_json(*order));
    response.set(http::field::location, "/orders/" + order->id);
    return response;
  }

 private:
  static Response refuse(const Request& request, unsigned status) {
    return json_response(request, http::int_to_status(status), R"({"title":"refused"})");
  }

  const Order* place(const std::string& user, const json::value& body) {
    Order order{"order-" + std::to_string(orders_.size()), user, {}, 0, timestamp()};
    const json::object* document = body.if_object();
    const json::value* items = document == nullptr ? nullptr : document->if_contains("items");
    if (items == nullptr || !items->is_array()) return nullptr;
    for (const json::value& item : items->get_array()) {
      const std::string product_id(item.at("product_id").as_string());
      const std::int64_t quantity = item.at("quantity").as_int64();
      const Product* product = products_.reserve(product_id, quantity);
      if (product == nullptr) return nullptr;
      order.lines.push_back({product_id, product->name, product->price, quantity});
      order.total += product->price * quantity;
    }
    std::string id = order.id;
    return &orders_.emplace(std::move(id), std::move(order)).first->second;
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
