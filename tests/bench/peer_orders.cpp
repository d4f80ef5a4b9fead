/// The limit for `POST /orders`: the order flow in one process, in memory, by direct calls on bare Beast.
///
/// One loop, so that the three tables need no locks, as a single-threaded server would have it.
#include <CLI/CLI.hpp>

#include "tests/bench/order_http.hpp"

namespace http = boost::beast::http;
using namespace troupe::bench;

namespace {

class Shop {
 public:
  Shop(std::size_t users, std::size_t products) : users_(users), products_(products) {}

  Response answer(const Request& request) {
    const auto read = read_order_request(request);
    if (const auto* status = std::get_if<http::status>(&read)) return refused(request, *status);
    const auto& [token, items] = std::get<OrderRequest>(read);
    const std::string* user = users_.find_by_token(token);
    if (user == nullptr) return refused(request, http::status::unauthorized);
    const Order* order = place(*user, items);
    if (order == nullptr) return refused(request, http::status::unprocessable_entity);
    return placed(request, *order);
  }

 private:
  const Order* place(const std::string& user, const std::vector<Wanted>& items) {
    Order order{.user = user};
    for (const auto& [id, quantity] : items) {
      const Product* product = products_.reserve(id, quantity);
      if (product == nullptr) return nullptr;
      order.add({id, product->name, product->price, quantity});
    }
    return &orders_.record(std::move(order));
  }

  Users users_;
  Products products_;
  Orders orders_;
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
