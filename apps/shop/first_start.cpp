#include "apps/shop/first_start.hpp"

#include <fmt/format.h>

#include <string>

#include "actors/user/first_admin.hpp"

namespace shop {

namespace {

constexpr std::string_view default_email = "admin@example.com";
constexpr std::size_t password_length = 20;

/// Three lines for a shell: a product, a customer, an order.
void print_tour(const troupe::node::Services& services, const std::string& password) {
  const std::string url = "http://" + services.gateway_address;
  const std::string json = "-H 'Content-Type: application/json'";
  const std::string token_of = R"sh(| sed 's/.*"token":"\([^"]*\)".*/\1/')sh";
  const std::string id_of = R"sh(| sed 's/^{"id":"\([^"]*\)".*/\1/')sh";
  services.print("The administrator's e-mail and password are in the first of three lines that place an order.");
  services.print("They are told only this once:");
  services.print(fmt::format(R"sh(ADMIN=$(curl -s {0}/sessions {1} -d '{{"email":"{2}","password":"{3}"}}' {4}); )sh"
                             R"sh(PRODUCT=$(curl -s {0}/products {1} -H "Authorization: Bearer $ADMIN" )sh"
                             R"sh(-d '{{"name":"Lamp","price":{{"amount":1999,"currency":"USD"}},"stock":10}}' {5}))sh",
                             url, json, default_email, password, token_of, id_of));
  services.print(fmt::format(
      R"sh(curl -s {0}/users {1} -d '{{"email":"ada@example.com","name":"Ada","password":"correct horse"}}'; )sh"
      R"sh(TOKEN=$(curl -s {0}/sessions {1} -d '{{"email":"ada@example.com","password":"correct horse"}}' {2}))sh",
      url, json, token_of));
  services.print(fmt::format(R"sh(curl -s {0}/orders {1} -H "Authorization: Bearer $TOKEN" )sh"
                             R"sh(-d "{{\"items\":[{{\"product_id\":\"$PRODUCT\",\"quantity\":1}}]}}")sh",
                             url, json));
}

}  // namespace

troupe::Task<troupe::Done> see_to_first_admin(std::shared_ptr<const troupe::node::Services> services) {
  const auto email = services->environment("SHOP_ADMIN_EMAIL");
  const auto password = services->environment("SHOP_ADMIN_PASSWORD");
  if (email.has_value() != password.has_value()) {
    co_return troupe::Rejected{"invalid", "set SHOP_ADMIN_EMAIL and SHOP_ADMIN_PASSWORD together, or neither"};
  }
  if (email) {
    co_await user::ensure_first_admin(*email, *password);
    co_return troupe::Done{};
  }
  // Nobody but this machine's users can read what a made-up password would protect.
  if (!services->gateway_is_loopback) {
    const bool has_admin = co_await user::has_admin();
    if (!has_admin) {
      services->print("There is no administrator, and none is made up for a gateway that others can reach: set");
      services->print("SHOP_ADMIN_EMAIL and SHOP_ADMIN_PASSWORD, and start again.");
    }
    co_return troupe::Done{};
  }
  const std::string made_up = services->random_text(password_length);
  const auto admin = co_await user::ensure_first_admin(std::string(default_email), made_up);
  if (admin.created) print_tour(*services, made_up);
  co_return troupe::Done{};
}

}  // namespace shop
