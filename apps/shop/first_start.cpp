#include "apps/shop/first_start.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "actors/user/first_admin.hpp"

namespace shop {

namespace {

constexpr std::string_view default_email = "admin@example.com";
constexpr std::size_t password_length = 20;
constexpr std::string_view email_variable = "SHOP_ADMIN_EMAIL";
constexpr std::string_view password_variable = "SHOP_ADMIN_PASSWORD";

/// The faults of the credentials, told of the variables that they come from.
troupe::Rejected wrong_variables(const std::vector<troupe::Fault>& faults) {
  std::string detail;
  for (const troupe::Fault& fault : faults) {
    if (!detail.empty()) detail += "; ";
    detail += fmt::format("{} {}", fault.pointer == "/email" ? email_variable : password_variable, fault.detail);
  }
  return troupe::Rejected{"invalid", std::move(detail)};
}

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
  const auto email = services->environment(email_variable);
  const auto password = services->environment(password_variable);
  if (email.has_value() != password.has_value()) {
    co_return troupe::Rejected{"invalid",
                               fmt::format("set {} and {} together, or neither", email_variable, password_variable)};
  }
  if (email) {
    const auto admin = co_await user::ensure_first_admin(*email, *password).outcome();
    if (admin.rejected("invalid")) co_return wrong_variables(admin.failure().faults);
    if (!admin) co_return admin.failure();
    co_return troupe::Done{};
  }
  // Nobody but this machine's users can read what a made-up password would protect.
  if (!services->gateway_is_loopback) {
    // Only a hint: a gateway that has served before does not wait for the users.
    const auto known = co_await user::has_admin().outcome();
    if (!known || *known) co_return troupe::Done{};
    services->print(fmt::format("There is no administrator yet: set {} and {}, and start again.", email_variable,
                                password_variable));
    co_return troupe::Done{};
  }
  const std::string made_up = services->random_text(password_length);
  const auto admin = co_await user::ensure_first_admin(std::string(default_email), made_up);
  if (admin.created) print_tour(*services, made_up);
  co_return troupe::Done{};
}

}  // namespace shop
