#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <troupe/testing/world.hpp>

namespace troupe::testing {

/// One kind of entity on virtual time: what a test of a domain begins with.
///
/// ```
/// EntityTest<Counter> counter(limit);
/// EXPECT_EQ(counter.ask<Add>(3)->sum, 3);
/// counter.restart();
/// EXPECT_TRUE(counter.as(Principal::of_user(ada, "customer")).ask<Close>().rejected("forbidden"));
/// ```
/// Asks go to one entity until at() names another. It starts with the first use; what must be there before, such as
/// the domains that the entity asks, is added to world(). Errors and threads: as World.
template <class E>
class EntityTest {
 public:
  using Api = typename E::Api;

  /// The arguments of E's constructor; they are copied for each entity.
  template <class... Arguments>
  explicit EntityTest(Arguments... arguments) {
    Domain domain{std::string(Api::name)};
    domain.template entity<E>(std::move(arguments)...);
    world_.add(std::move(domain));
  }

  template <Message M, class... Fields>
  Outcome<ReplyOf<M>> ask(Fields... fields) {
    start();
    if constexpr (scope_of<M> == Scope::directory) {
      return world_.template ask_all<Api, M>(std::move(fields)...);
    } else {
      return world_.template ask<Api, M>(key_, std::move(fields)...);
    }
  }
  /// Whom the next asks go to.
  EntityTest& at(Key key) {
    key_ = std::move(key);
    return *this;
  }
  /// In whose name the next asks are asked.
  EntityTest& as(Principal principal) {
    world_.as(std::move(principal));
    return *this;
  }

  void advance(std::chrono::milliseconds time) {
    start();
    world_.advance(time);
  }
  void restart() {
    start();
    world_.restart();
  }
  void fail_next_commit(CommitFault fault) { world_.fail_next_commit(Api::name, fault); }

  const Key& key() const { return key_; }
  World& world() { return world_; }

 private:
  void start() {
    if (std::exchange(state_, State::started) == State::blank) world_.start();
  }

  enum class State : std::uint8_t { blank, started };

  World world_;
  Key key_{Uuid{1, 1}};
  State state_ = State::blank;
};

}  // namespace troupe::testing
