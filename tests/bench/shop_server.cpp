#include "tests/bench/shop_server.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "tests/bench/shop_request.hpp"
#include "tests/http_client/connection.hpp"

namespace troupe::bench {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds ready_limit{30};
constexpr std::chrono::seconds stop_limit{20};
constexpr std::size_t shown_log_bytes = 2'000;
constexpr std::int64_t plenty = 1'000'000'000;
const std::string admin_email = "admin@example.com";
const std::string admin_password = "a password for measuring";

void write_node(std::ofstream& file, const char* name, const char* hosts, const ShopShape& shape) {
  file << "[nodes." << name << "]\nhosts = [" << hosts << "]\nadmin = \"127.0.0.1:0\"\n";
  if (shape.nodes == ShopShape::Nodes::three) file << "link = \"127.0.0.1:0\"\n";
  if (shape.loops) file << "loops = " << *shape.loops << '\n';
}

void write_topology(const std::filesystem::path& folder, const ShopShape& shape) {
  std::ofstream file(folder / "topology.toml");
  file << "name = \"bench\"\n"
       << "data = \"" << (folder / "data").string() << "\"\n";
  if (shape.nodes == ShopShape::Nodes::one) {
    write_node(file, "main", R"("gateway", "user", "product", "order")", shape);
  } else {
    write_node(file, "main", R"("gateway")", shape);
    write_node(file, "catalog", R"("user", "product")", shape);
    write_node(file, "orders", R"("order")", shape);
  }
  file << "[gateway]\n"
       << "listen = \"127.0.0.1:0\"\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + (folder / "topology.toml").string());
}

}  // namespace

std::uint16_t gateway_port(const std::string& ready_line) {
  const std::string name = " gateway=";
  const std::size_t begin = ready_line.find(name);
  const std::size_t colon = ready_line.find(':', begin);
  if (begin == std::string::npos || colon == std::string::npos)
    throw std::runtime_error("no gateway address in: " + ready_line);
  return static_cast<std::uint16_t>(std::stoul(ready_line.substr(colon + 1)));
}

ShopServer::ShopServer(const std::filesystem::path& program, const std::filesystem::path& folder,
                       const ShopShape& shape)
    : folder_(folder) {
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  write_topology(folder_, shape);
  const bool alone = shape.nodes == ShopShape::Nodes::one;
  const process::Command command{
      .arguments = {program.string(), alone ? "run" : "up", "--topology", (folder_ / "topology.toml").string()},
      .environment = {{"SHOP_ADMIN_EMAIL", admin_email}, {"SHOP_ADMIN_PASSWORD", admin_password}},
      .error_log = folder_ / "log"};
  const auto begin = std::chrono::steady_clock::now();
  process_.emplace(command);
  try {
    const std::string ready = process_->require_line("ready node=main ", ready_limit);
    if (!alone) process_->require_line("ready topology=", ready_limit);
    ready_after_ = std::chrono::steady_clock::now() - begin;
    port_ = gateway_port(ready);
  } catch (const std::exception& error) {
    throw std::runtime_error("the shop is not ready: " + std::string(error.what()) + "\n" + log_end());
  }
}

ShopServer::~ShopServer() {
  const process::Exit exit = process_->stop(stop_limit);
  if (exit.code != 0) {
    std::cerr << "the shop ended with exit code " << exit.code << ", signal " << exit.signal << "\n" << log_end();
  }
  std::error_code ignored;  // What is left is removed before the next start.
  std::filesystem::remove_all(folder_, ignored);
}

std::string ShopServer::log_end() const {
  std::ifstream file(folder_ / "log");
  const std::string text(std::istreambuf_iterator<char>{file}, {});
  return text.substr(text.size() - std::min(text.size(), shown_log_bytes));
}

std::string ShopServer::call(unsigned expected_status, const std::string& method, const std::string& target,
                             const std::string& token, const std::string& body) {
  http_client::Connection connection("127.0.0.1:" + std::to_string(port_));
  http_client::Answer answer = connection.exchange(request_of(method, target, token, body));
  if (answer.status == static_cast<int>(expected_status)) return std::move(answer.body);
  throw std::runtime_error(method + " " + target + " was answered " + std::to_string(answer.status) + ": " +
                           answer.body);
}

std::string ShopServer::sign_in(const std::string& email, const std::string& password) {
  const std::string body = json::serialize(json::object{{"email", email}, {"password", password}});
  return std::string(json::parse(call(201, "POST", "/sessions", {}, body)).at("token").as_string());
}

std::vector<std::string> ShopServer::create_products(std::size_t count) {
  if (admin_token_.empty()) admin_token_ = sign_in(admin_email, admin_password);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string body =
        json::serialize(json::object{{"name", "Teapot " + std::to_string(i)},
                                     {"description", "Holds a litre and keeps it warm."},
                                     {"price", json::object{{"amount", 1999}, {"currency", "USD"}}},
                                     {"stock", plenty}});
    ids.emplace_back(json::parse(call(201, "POST", "/products", admin_token_, body)).at("id").as_string());
  }
  return ids;
}

std::vector<std::string> ShopServer::sign_in_customers(std::size_t count) {
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string email = "customer-" + std::to_string(i) + "@example.com";
    const std::string password = "a customer's password";
    const json::object user{{"email", email}, {"name", "Customer"}, {"password", password}};
    call(201, "POST", "/users", {}, json::serialize(user));
    tokens.push_back(sign_in(email, password));
  }
  return tokens;
}

std::uint64_t ShopServer::reserved_units() {
  std::uint64_t units = 0;
  std::string cursor;
  do {
    const std::string target = "/products?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor);
    const json::value page = json::parse(call(200, "GET", target, {}, {}));
    for (const json::value& product : page.at("items").as_array())
      units += product.at("reserved").to_number<std::uint64_t>();
    const json::value& next = page.at("next_cursor");
    cursor = next.is_string() ? std::string(next.as_string()) : std::string();
  } while (!cursor.empty());
  return units;
}

std::size_t ShopServer::product_bytes(const std::string& id) {
  return call(200, "GET", "/products/" + id, {}, {}).size();
}

}  // namespace troupe::bench
