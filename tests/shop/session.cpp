#include "tests/shop/session.hpp"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <ostream>

namespace shop::testing {
namespace {

bool has(const Headers& headers, std::string_view name) {
  return std::ranges::find(headers, name, &Header::name) != headers.end();
}

const Json& member(const Json& object, std::string_view field) {
  const auto* found = object.is_object() ? object.get_object().if_contains(field) : nullptr;
  if (found == nullptr) throw std::runtime_error("no " + std::string{field} + " in " + boost::json::serialize(object));
  return *found;
}

}  // namespace

Session::Session(std::string address, std::string token)
    : address_(std::move(address)), token_(std::move(token)), connection_(address_) {}

Answer Session::get(std::string_view target, Headers headers) {
  return send({"GET", std::string{target}, {}, std::move(headers)});
}

Answer Session::post(std::string_view target, const Json& body, Headers headers) {
  return send({"POST", std::string{target}, boost::json::serialize(body), std::move(headers)});
}

Answer Session::put(std::string_view target, const Json& body, Headers headers) {
  return send({"PUT", std::string{target}, boost::json::serialize(body), std::move(headers)});
}

Answer Session::remove(std::string_view target, Headers headers) {
  return send({"DELETE", std::string{target}, {}, std::move(headers)});
}

Answer Session::send(Request request) {
  auto& headers = request.headers;
  if (!token_.empty() && !has(headers, "Authorization")) {
    headers.push_back({"Authorization", "Bearer " + token_});
  }
  if (!request.body.empty() && !has(headers, "Content-Type")) {
    headers.push_back({"Content-Type", "application/json"});
  }
  return connection_.exchange(request);
}

Answer expecting(int status, Answer answer) {
  if (answer.status == status) return answer;
  throw std::runtime_error("expected " + std::to_string(status) + ", got " + describe(answer));
}

Session sign_in(const std::string& address, std::string_view email, std::string_view password) {
  Session anyone{address};
  const auto answer = expecting(201, anyone.post("/sessions", {{"email", email}, {"password", password}}));
  return Session{address, text(answer.json(), "token")};
}

std::string unused_email() {
  static std::atomic<int> count = 0;
  return "customer-" + std::to_string(++count) + "@shop.test";
}

User sign_up(const std::string& address) {
  const auto email = unused_email();
  const std::string password = "a password of theirs";
  Session anyone{address};
  const Json body{{"email", email}, {"name", "Ada"}, {"password", password}};
  const auto created = expecting(201, anyone.post("/users", body)).json();
  return User{text(created, "id"), email, password, sign_in(address, email, password)};
}

Json money(std::int64_t amount, std::string_view currency) { return {{"amount", amount}, {"currency", currency}}; }

Json body_of(const NewProduct& product) {
  return {{"name", product.name}, {"price", money(product.price, product.currency)}, {"stock", product.stock}};
}

std::string create_product(Session& admin, const NewProduct& product) {
  return text(expecting(201, admin.post("/products", body_of(product))).json(), "id");
}

Json order_of(const std::vector<Line>& lines) {
  boost::json::array items;
  for (const auto& line : lines) items.push_back({{"product_id", line.product}, {"quantity", line.quantity}});
  return {{"items", std::move(items)}};
}

std::string place(Session& customer, const std::vector<Line>& lines) {
  return text(expecting(201, customer.post("/orders", order_of(lines))).json(), "id");
}

std::string place(Session&& customer, const std::vector<Line>& lines) { return place(customer, lines); }

void pay(Session& customer, const std::string& order) {
  expecting(200, customer.post("/orders/" + order + "/payment", {{"card", good_card}}));
}

void ship(Session& admin, const std::string& order) {
  expecting(200, admin.post("/orders/" + order + "/shipment", {{"carrier", "Post"}, {"tracking", "T-1"}}));
}

void PrintTo(const Units& units, std::ostream* out) {
  *out << "stock " << units.stock << ", reserved " << units.reserved;
}

Units units(Session& anyone, const std::string& product) {
  const auto shown = expecting(200, anyone.get("/products/" + product)).json();
  return {number(shown, "stock"), number(shown, "reserved")};
}

std::string status_of(Session& session, const std::string& order) {
  return text(expecting(200, session.get("/orders/" + order)).json(), "status");
}

std::vector<std::string> payments(Session& admin, const std::string& order) {
  const auto answer = expecting(200, admin.get("/payments?order_id=" + order));
  return pluck(elements(answer.json(), "items"), "kind");
}

std::vector<Json> list(Session& session, std::string_view target, int limit) {
  std::vector<Json> items;
  const auto first =
      std::string{target} + (target.find('?') == target.npos ? '?' : '&') + "limit=" + std::to_string(limit);
  for (auto next = first;;) {
    const auto page = expecting(200, session.get(next)).json();
    for (const auto& item : member(page, "items").as_array()) items.push_back(item);
    const auto& cursor = member(page, "next_cursor");
    if (cursor.is_null()) return items;
    next = first + "&cursor=" + escaped(cursor.as_string());
  }
}

std::vector<Json> elements(const Json& object, std::string_view field) {
  const auto& array = member(object, field).as_array();
  return {array.begin(), array.end()};
}

std::vector<std::string> pluck(const std::vector<Json>& objects, std::string_view field) {
  std::vector<std::string> result;
  for (const auto& object : objects) result.push_back(text(object, field));
  return result;
}

std::string text(const Json& object, std::string_view field) {
  return std::string{std::string_view{member(object, field).as_string()}};
}

std::int64_t number(const Json& object, std::string_view field) {
  return member(object, field).to_number<std::int64_t>();
}

}  // namespace shop::testing
