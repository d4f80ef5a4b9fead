#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

/// The order flow in memory, which the peers that are C++ serve: a token names a user, a product gives up stock, an
/// order is recorded. Nothing is durable, nothing can be retried and nothing is given back when an order fails.
namespace troupe::bench {

/// The users `user-0`…, whose tokens are `token-0`….
class Users {
 public:
  explicit Users(std::size_t count);
  /// The user's id; null for a token that nobody holds.
  const std::string* find_by_token(const std::string& token) const;

 private:
  std::unordered_map<std::string, std::string> ids_by_token_;
};

struct Product {
  std::string name;
  std::int64_t price = 1999;
  std::int64_t stock = 1'000'000'000;
};

/// The products `product-0`…, with stock for any run.
class Products {
 public:
  explicit Products(std::size_t count);
  /// Takes the stock; null when there is no such product or too little of it.
  const Product* reserve(const std::string& id, std::int64_t quantity);

 private:
  std::unordered_map<std::string, Product> products_;
};

/// What a customer wants of one product.
struct Wanted {
  std::string product;
  std::int64_t quantity = 0;
};

struct Line {
  std::string product;
  std::string name;
  std::int64_t unit_price = 0;
  std::int64_t quantity = 0;
};

struct Order {
  std::string id = {};
  std::string user = {};
  std::vector<Line> lines = {};
  std::int64_t total = 0;
  std::string created_at = {};

  void add(Line line);
};

class Orders {
 public:
  /// Gives the order its id and time and keeps it.
  const Order& record(Order order);

 private:
  std::unordered_map<std::string, Order> orders_;
};

}  // namespace troupe::bench
