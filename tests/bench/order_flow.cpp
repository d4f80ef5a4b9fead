#include "tests/bench/order_flow.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace troupe::bench {
namespace {

std::string timestamp() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

}  // namespace

Users::Users(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) ids_by_token_["token-" + std::to_string(i)] = "user-" + std::to_string(i);
}

const std::string* Users::find_by_token(const std::string& token) const {
  const auto found = ids_by_token_.find(token);
  return found == ids_by_token_.end() ? nullptr : &found->second;
}

Products::Products(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) products_["product-" + std::to_string(i)] = {.name = "Teapot"};
}

const Product* Products::reserve(const std::string& id, std::int64_t quantity) {
  const auto found = products_.find(id);
  if (found == products_.end() || found->second.stock < quantity) return nullptr;
  found->second.stock -= quantity;
  return &found->second;
}

void Order::add(Line line) {
  total += line.unit_price * line.quantity;
  lines.push_back(std::move(line));
}

const Order& Orders::record(Order order) {
  order.id = "order-" + std::to_string(orders_.size());
  order.created_at = timestamp();
  std::string id = order.id;
  return orders_.emplace(std::move(id), std::move(order)).first->second;
}

}  // namespace troupe::bench
