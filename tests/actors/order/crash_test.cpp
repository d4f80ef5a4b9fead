#include "tests/actors/order/order_fixture.hpp"

#include <random>

namespace shop::testing {
namespace {

// Every commit of an operation, of every protocol it touches, fails once: as certainly not done, as unknown, and with
// the process dying right there. Once as it ships, where the runtime repeats most calls that failed so, and once
// without, where every failure reaches its caller.
enum class Mishap : std::uint8_t { full, unknown, restart };
enum class Operation : std::uint8_t { place, edit, edit_down, pay, pay_silently, cancel, cancel_paid, ship };

struct Point {
  Operation operation;
  const char* protocol;
  std::size_t commit;
  Mishap mishap;
  std::uint32_t attempts;
};

constexpr std::uint32_t single_attempt = 1;
constexpr std::uint32_t as_shipped = troupe::resilience::CallPolicy{}.attempts;

void PrintTo(const Point& point, std::ostream* out) {
  *out << "operation " << static_cast<int>(point.operation) << ", " << point.protocol << " commit " << point.commit
       << ", mishap " << static_cast<int>(point.mishap) << ", attempts " << point.attempts;
}

std::vector<Point> all_points() {
  std::vector<Point> points;
  for (int operation = 0; operation <= static_cast<int>(Operation::ship); ++operation) {
    for (const char* protocol : {"order", "product", "payment", "sandbox", "shipping"}) {
      for (std::size_t commit = 0; commit < 3; ++commit) {
        for (int mishap = 0; mishap <= static_cast<int>(Mishap::restart); ++mishap) {
          for (const std::uint32_t attempts : {single_attempt, as_shipped}) {
            points.push_back(
                {static_cast<Operation>(operation), protocol, commit, static_cast<Mishap>(mishap), attempts});
          }
        }
      }
    }
  }
  return points;
}

class CrashPoint : public ::testing::TestWithParam<Point>, public OrderShop {
 protected:
  void SetUp() override {
    shop.attempts(GetParam().attempts);
    shop.restart();
    as(ada);
  }

  OrderId prepare(Operation operation, const Wanted& wanted) {
    switch (operation) {
      case Operation::place:
        return new_order();
      case Operation::cancel_paid:
      case Operation::ship:
        return paid(wanted);
      default:
        return placed(wanted);
    }
  }

  /// Whether it was answered with success.
  bool act(Operation operation, OrderId id, const Wanted& wanted, const Wanted& other) {
    switch (operation) {
      case Operation::place:
        return place(id, wanted).ok();
      case Operation::edit:
        return edit(id, other).ok();
      case Operation::edit_down:
        return edit(id, {{other[0].first, 1}}).ok();
      case Operation::pay:
        return pay(id).ok();
      case Operation::pay_silently:
        return pay(id, silent_card).ok();
      case Operation::cancel:
      case Operation::cancel_paid:
        return cancel(id).ok();
      case Operation::ship:
        return ship(id).ok();
    }
    return false;
  }
};

TEST_P(CrashPoint, LeavesNothingThatDoesNotSettle) {
  const Point point = GetParam();
  const auto tea = product(10);
  const auto cup = product(10);
  const auto pot = product(10);
  const Wanted wanted{{tea, 4}, {cup, 2}};
  const Wanted other{{tea, 1}, {cup, 3}, {pot, 1}};
  const OrderId id = prepare(point.operation, wanted);
  const OrderId witness = placed({{tea, 1}});

  auto& store = shop.store(point.protocol);
  store.let_commits_pass(point.commit);
  store.fail_next_commit(point.mishap == Mishap::full ? CommitFault::full : CommitFault::lost);
  const bool done = act(point.operation, id, wanted, other);
  const bool struck = !store.forgive();
  if (point.mishap == Mishap::restart) shop.restart();
  const auto answered = get(id);
  if (done && struck) {
    EXPECT_TRUE(answered.ok()) << "what was answered is there";
  }
  rest();
  expect_invariants({id, witness});
  EXPECT_EQ(status(witness), Status::placed);
  const auto settled = get(id);
  if (done && settled.ok() && answered.ok()) {
    EXPECT_EQ(settled->status, answered->status);
  }

  // And it goes on from there.
  if (point.operation == Operation::place && !settled.ok()) {
    EXPECT_TRUE(place(id, wanted).ok());
  } else if (settled.ok() && settled->status == Status::placed) {
    EXPECT_TRUE(edit(id, other).ok());
    EXPECT_TRUE(pay(id).ok());
  }
  expect_invariants({id, witness});
}

INSTANTIATE_TEST_SUITE_P(EveryCommit, CrashPoint, ::testing::ValuesIn(all_points()));

/// Customers, an admin and a failing disk do as they please; then all comes to rest.
class Storm : public ::testing::TestWithParam<std::uint64_t>, public OrderShop {
 protected:
  Storm() : OrderShop(GetParam()), random(GetParam()) {}

  std::uint32_t dice(std::uint32_t sides) { return static_cast<std::uint32_t>(random() % sides); }

  Wanted some() {
    Wanted wanted;
    for (std::uint32_t i = 0; i <= dice(3); ++i) wanted.emplace_back(products[dice(3)], 1 + dice(6));
    return wanted;
  }

  void act() {
    const UserId user{{5, 1 + dice(2)}};
    as(user);
    if (orders.empty() || dice(3) == 0) {
      orders.push_back(new_order());
      views.push_back(shop.begin<order::Api, order::Place>(orders.back(), items(some())));
      return;
    }
    const OrderId id = orders[dice(static_cast<std::uint32_t>(orders.size()))];
    const std::string card(std::vector{good_card, silent_card, declined_card}[dice(3)]);
    switch (dice(4)) {
      case 0:
        views.push_back(shop.begin<order::Api, order::Edit>(id, items(some())));
        break;
      case 1:
        views.push_back(shop.begin<order::Api, order::Pay>(id, operation(), card));
        break;
      case 2:
        cancels.push_back(shop.begin<order::Api, order::Cancel>(id));
        break;
      default:
        as_admin();
        views.push_back(shop.begin<order::Api, order::Ship>(id, operation(), std::string("P"), std::string("T")));
    }
  }

  void disturb() {
    const std::string_view protocols[] = {"order", "product", "payment", "sandbox", "shipping"};
    auto& store = shop.store(protocols[dice(5)]);
    store.fail_next_commit(dice(2) == 0 ? CommitFault::full : CommitFault::lost);
  }

  troupe::Uuid operation() { return {77, ++operations}; }

  std::mt19937_64 random;
  std::vector<ProductId> products;
  std::vector<OrderId> orders;
  std::vector<World::Pending<order::View>> views;
  std::vector<World::Pending<troupe::Done>> cancels;
  std::uint64_t operations = 0;
};

TEST_P(Storm, EndsWithTheInvariantsWhole) {
  shop.attempts(GetParam() % 2 == 0 ? as_shipped : single_attempt);
  shop.restart();
  for (int i = 0; i < 3; ++i) products.push_back(product(40));
  for (int i = 0; i < 120; ++i) {
    be_patient_for(std::chrono::milliseconds(dice(4) == 0 ? dice(20) : 10'000));
    act();
    if (dice(8) == 0) disturb();
    if (dice(10) == 0) shop.advance(std::chrono::milliseconds(dice(3000)));
    if (dice(20) == 0) static_cast<void>(sweep());  // which the failing disk may end early
    if (dice(60) == 0) shop.restart();
  }
  be_patient_for(60s);
  for (const char* protocol : {"order", "product", "payment", "sandbox", "shipping"}) {
    shop.store(protocol).forgive();
  }
  rest();
  rest();
  expect_invariants(orders);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Storm, ::testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace shop::testing
