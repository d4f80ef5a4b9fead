#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include <troupe/testing/world.hpp>
#include "actors/order/api.hpp"
#include "actors/user/admins.hpp"
#include "actors/user/declaration.hpp"
#include "actors/user/email.hpp"
#include "actors/user/first_admin.hpp"
#include "actors/user/sign_in.hpp"
#include "actors/user/user.hpp"

namespace shop::user {

using namespace std::chrono_literals;
using namespace std::string_literals;
using troupe::Done;
using troupe::Outcome;
using troupe::Task;
using troupe::Uuid;
using troupe::testing::CommitFault;
using troupe::testing::World;

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

inline constexpr UserId ada{{1, 1}};
inline constexpr UserId bob{{2, 1}};
inline constexpr auto password = "a password of theirs";

/// Users on virtual time. Nothing is asked again, so that a failure reaches whoever asks.
struct UserTest : ::testing::Test {
  UserTest() {
    troupe::Domain customers("customer");
    customers.entity<LeavingCustomer>();
    world.add<Declaration>().add(std::move(customers)).without_sweeps().attempts(1).start();
  }
  ~UserTest() override { EXPECT_THAT(world.reports(), ::testing::IsEmpty()); }

  template <class M, class... Fields>
  Outcome<troupe::ReplyOf<M>> ask(UserId id, Fields... fields) {
    return world.ask<Api, M>(troupe::Key(id), std::move(fields)...);
  }
  auto begin_create(UserId id, std::string address) {
    return world.begin<Api, Create>(troupe::Key(id), std::move(address), "Ada"s, std::string(password));
  }
  Outcome<View> create(UserId id, std::string address) { return world.end(begin_create(id, std::move(address))); }
  Outcome<View> update(UserId id, std::string address, std::optional<std::string> new_password = std::nullopt) {
    return ask<Update>(id, std::move(address), "Grace"s, std::move(new_password));
  }
  Outcome<SignedIn> sign_in(std::string address, std::string with = password) {
    SignIn credentials{std::move(address), std::move(with)};
    return world.run(user::sign_in(std::move(credentials)));
  }
  email::Owner owner(std::string_view address) {
    return *world.ask<email::Api, email::Find>(troupe::Key(email::normalized(address)));
  }
  Outcome<AdminCreated> first_admin(std::string address, std::string with = password) {
    return world.run(ensure_first_admin(std::move(address), std::move(with)));
  }
  /// Another administrator than the first.
  UserId second_admin() {
    EXPECT_TRUE(
        (world.ask<Api, CreateAdmin>(troupe::Key(bob), "second@shop.test"s, "Bob"s, std::string(password))).ok());
    settle();
    return bob;
  }
  /// Lets what was sent arrive.
  void settle() { world.advance(1s); }

  World world{7};
};

}  // namespace shop::user
