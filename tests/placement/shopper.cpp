#include "tests/placement/shopper.hpp"

#include <optional>
#include <utility>

#include "actors/product/api.hpp"
#include "actors/user/routes.hpp"
#include "tests/shop/shop_process.hpp"

namespace shop::testing {

namespace {

constexpr std::string_view password = "a password of theirs";

struct Next {
  std::optional<std::string> next_cursor;
};

std::string credentials_of(std::string_view email, std::string_view secret) {
  return R"({"email":")" + std::string(email) + R"(","password":")" + std::string(secret) + R"("})";
}

Shopper open_session(ScenarioDriver& driver, const std::string& credentials) {
  const auto session = driver.post("/sessions", credentials).as<user::OpenedSession>();
  return {driver, "/users/" + to_text(session.user.id), {"Authorization", "Bearer " + session.token}};
}

}  // namespace

std::string profile_of(std::string_view email, std::string_view name) {
  return R"({"email":")" + std::string(email) + R"(","name":")" + std::string(name) + R"(","password":")" +
         std::string(password) + R"("})";
}

std::string product_of(std::string_view name, std::int64_t price, std::int64_t stock) {
  return R"({"name":")" + std::string(name) + R"(","price":{"amount":)" + std::to_string(price) +
         R"(,"currency":"USD"},"stock":)" + std::to_string(stock) + '}';
}

std::string order_of(const std::vector<Line>& lines) {
  std::string items;
  for (const auto& [product, quantity] : lines) {
    items += (items.empty() ? R"({"product_id":")" : R"(,{"product_id":")") + product + R"(","quantity":)" +
             std::to_string(quantity) + '}';
  }
  return R"({"items":[)" + items + "]}";
}

std::vector<Header> Shopper::with(std::vector<Header> more) const {
  more.insert(more.begin(), headers_.begin(), headers_.end());
  return more;
}

HttpAnswer Shopper::get(const std::string& target, std::vector<Header> more) {
  return stage_->get(target, with(std::move(more)));
}

HttpAnswer Shopper::post(const std::string& target, std::string body, std::vector<Header> more) {
  return stage_->post(target, std::move(body), with(std::move(more)));
}

HttpAnswer Shopper::put(const std::string& target, std::string body, std::vector<Header> more) {
  return stage_->put(target, std::move(body), with(std::move(more)));
}

HttpAnswer Shopper::remove(const std::string& target) { return stage_->remove(target, headers_); }

HttpRequest Shopper::request(std::string method, std::string target, std::string body) {
  return {std::move(method), std::move(target), std::move(body), headers_};
}

std::string Shopper::create(std::string_view name, std::int64_t price, std::int64_t stock) {
  return to_text(post("/products", product_of(name, price, stock)).as<product::View>().id);
}

std::string Shopper::place(const std::vector<Line>& lines) {
  return post("/orders", order_of(lines)).header("Location");
}

void Shopper::list(const std::string& target, int limit) {
  const std::string first = target + (target.find('?') == target.npos ? "?limit=" : "&limit=") + std::to_string(limit);
  for (auto next = get(first).as<Next>(); next.next_cursor;)
    next = get(first + "&cursor=" + *next.next_cursor).as<Next>();
}

Shopper sign_up(ScenarioDriver& driver, std::string_view email) {
  driver.post("/users", profile_of(email, "Ada"));
  return sign_in(driver, email);
}

Shopper sign_in(ScenarioDriver& driver, std::string_view email) {
  return open_session(driver, credentials_of(email, password));
}

Shopper admin(ScenarioDriver& driver) { return open_session(driver, credentials_of(admin_email, admin_password)); }

std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace shop::testing
