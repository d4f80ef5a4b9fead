#pragma once

#include <map>
#include <string>
#include <utility>

#include "actors/order/api.hpp"
#include "actors/user/admins.hpp"
#include "actors/user/declaration.hpp"
#include "actors/user/email.hpp"
#include "actors/user/first_admin.hpp"
#include "actors/user/sign_in.hpp"
#include "actors/user/user.hpp"
#include "tests/actors/simulated_domain.hpp"

namespace shop::user {

using namespace std::chrono_literals;
using namespace std::string_literals;
using troupe::Done;
using troupe::Outcome;
using troupe::Task;
using troupe::Uuid;

/// Stands in for the order domain's customer: counts who has left.
struct LeavingState {
  std::uint32_t times = 0;
};
class LeavingCustomer : public troupe::Entity<order::customer::Api, LeavingState> {
 public:
  Task<Done> on(order::customer::Leave) {
    ++edit().times;
    co_return Done{};
  }
  Task<Done> on(order::customer::Follow) { co_return Done{}; }
  static std::vector<UserId> on(order::customer::Leaving, const Rows&) { return {}; }
};

inline std::vector<troupe::EntityType> user_entities() {
  auto types = troupe::DomainOf<Declaration>::make({}).entities();
  types.push_back(troupe::entity_type<LeavingCustomer>());
  return types;
}

inline constexpr UserId ada{{1, 1}};
inline constexpr UserId bob{{2, 1}};
inline constexpr auto password = "a password of theirs";

struct UserTest : ::testing::Test {
  template <class M, class... Fields>
  Outcome<troupe::ReplyOf<M>> ask(UserId id, Fields... fields) {
    return domain.ask<Api, M>(troupe::Key(id), std::move(fields)...);
  }
  auto begin_create(UserId id, std::string address) {
    return domain.begin_ask<Api, Create>(troupe::Key(id), std::move(address), "Ada"s, std::string(password));
  }
  Outcome<View> create(UserId id, std::string address) { return domain.end(begin_create(id, std::move(address))); }
  Outcome<View> update(UserId id, std::string address, std::optional<std::string> new_password = std::nullopt) {
    return ask<Update>(id, std::move(address), "Grace"s, std::move(new_password));
  }
  Outcome<SignedIn> sign_in(std::string address, std::string with = password) {
    SignIn credentials{std::move(address), std::move(with)};
    return domain.run(user::sign_in(std::move(credentials)));
  }
  email::Owner owner(std::string_view address) {
    return *domain.ask<email::Api, email::Find>(troupe::Key(email::normalized(address)));
  }
  Outcome<AdminCreated> first_admin(std::string address, std::string with = password) {
    return domain.run(ensure_first_admin(std::move(address), std::move(with)));
  }
  /// Another administrator than the first.
  UserId second_admin() {
    EXPECT_TRUE(
        (domain.ask<Api, CreateAdmin>(troupe::Key(bob), "second@shop.test"s, "Bob"s, std::string(password))).ok());
    domain.settle();
    return bob;
  }

  testing::SimulatedDomain domain{user_entities()};
};

}  // namespace shop::user
