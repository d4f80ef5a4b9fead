#include <troupe/testing/entity_test.hpp>

#include <gtest/gtest.h>

#include "tests/testing/counter.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using namespace counter;

// A domain of its own words: none of them is taken by what the runtime calls its own.
namespace ledger {

struct Enter {
  using Reply = Done;
  std::int64_t amount = 0;
};
struct Close {
  using Reply = std::int64_t;
};
struct Smallest {
  using Reply = std::vector<std::int64_t>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
  std::uint32_t limit = 0;
};
using Api = Protocol<"ledger", Enter, Close, Smallest>;

struct State {
  std::int64_t amount = 0;
  bool closed = false;
};

class Ledger : public Entity<Api, State, Indexes<Index<"amount", &State::amount>>> {
 public:
  Task<Done> on(Enter m) {
    stage(m.amount);
    co_return Done{};
  }
  Task<std::int64_t> on(Close) {
    settle();
    if (!edited()) discard();
    restore();
    co_return state().amount;
  }
  static std::vector<std::int64_t> on(Smallest m, const Rows& rows) {
    std::vector<std::int64_t> amounts;
    rows.up_to<"amount">(std::int64_t{1000}).each([&](const Key&, const State& s) {
      amounts.push_back(s.amount);
      return amounts.size() < m.limit;
    });
    return amounts;
  }

  void settle() { edit().closed = true; }
  void discard() noexcept { erase(); }
  bool edited() const { return state().closed; }

 private:
  void stage(std::int64_t amount) { edit().amount += amount; }
  void restore() { edit().closed = false; }
  void restore(std::uint32_t, const std::optional<std::string>&, std::vector<TableRow>&) {}
  void stage(troupe::detail::StagedState&) const {}
};

}  // namespace ledger

TEST(EntityTest, LetsADomainUseItsOwnWords) {
  EntityTest<ledger::Ledger> test;
  ASSERT_TRUE(test.ask<ledger::Enter>(std::int64_t{3}).ok());
  ASSERT_TRUE(test.ask<ledger::Enter>(std::int64_t{4}).ok());
  EXPECT_EQ(*test.ask<ledger::Close>(), 7);
  test.restart();
  EXPECT_EQ(*test.ask<ledger::Close>(), 7);
}

TEST(EntityTest, ListsByAnIndexedValue) {
  EntityTest<ledger::Ledger> test;
  int number = 0;
  for (const std::int64_t amount : {50, -7, 3, 2000, 4}) {
    test.at(Key("k" + std::to_string(++number)));
    ASSERT_TRUE(test.ask<ledger::Enter>(amount).ok());
  }
  EXPECT_EQ(*test.ask<ledger::Smallest>(std::uint32_t{3}), (std::vector<std::int64_t>{-7, 3, 4}));
}

TEST(EntityTest, AsksOneEntityWithItsConstructorsArguments) {
  EntityTest<Counter> counter(10);
  EXPECT_EQ(counter.ask<Add>(3)->sum, 3);
  EXPECT_TRUE(counter.ask<Add>(8).rejected("too_much"));
  EXPECT_EQ(counter.ask<Read>()->sum, 3);
}

TEST(EntityTest, KeepsWhatWasCommittedAcrossARestart) {
  EntityTest<Counter> counter(10);
  ASSERT_TRUE(counter.ask<Add>(3).ok());
  counter.restart();
  EXPECT_EQ(counter.ask<Read>()->sum, 3);
}

TEST(EntityTest, AsksInAnothersName) {
  EntityTest<Counter> counter(10);
  EXPECT_TRUE(counter.ask<Reset>().rejected("forbidden"));
  EXPECT_TRUE(counter.as(Principal::of_user({1, 2}, "admin")).ask<Reset>().ok());
}

TEST(EntityTest, LetsVirtualTimePass) {
  EntityTest<Counter> counter(10);
  const auto first = counter.ask<Add>(1);
  counter.advance(15min);
  const auto second = counter.ask<Add>(1);
  EXPECT_GE(second->changed_at - first->changed_at, 15min);
  EXPECT_LT(second->changed_at - first->changed_at, 16min);
}

TEST(EntityTest, TellsEntitiesApartByTheirKey) {
  EntityTest<Counter> counter(10);
  ASSERT_TRUE(counter.ask<Add>(1).ok());
  ASSERT_TRUE(counter.at(Key("other")).ask<Add>(2).ok());
  EXPECT_EQ(counter.ask<Read>()->sum, 2);
  EXPECT_EQ(counter.ask<All>()->size(), 2U);
}

TEST(EntityTest, ShowsACrashAsAnOutcomeAndAReport) {
  EntityTest<Counter> counter(10);
  ASSERT_TRUE(counter.ask<Add>(1).ok());
  const auto crashed = counter.ask<Fail>();
  ASSERT_FALSE(crashed.ok());
  EXPECT_EQ(crashed.failure().code, failure_code::actor_crashed);
  EXPECT_EQ(counter.ask<Read>()->sum, 1);
  ASSERT_EQ(counter.world().reports().size(), 1U);
  EXPECT_NE(counter.world().reports()[0].find("a bug"), std::string::npos);
}

TEST(EntityTest, RepeatsWhatFailedAsANodeDoes) {
  EntityTest<Counter> counter(10);
  counter.fail_next_commit(CommitFault::full);
  EXPECT_TRUE(counter.ask<Add>(1).ok());
  counter.fail_next_commit(CommitFault::kept);
  EXPECT_TRUE(counter.ask<Add>(1).ok());
  EXPECT_EQ(counter.ask<Read>()->sum, 2) << "a keyed message has its effect once";
}

TEST(EntityTest, FailsCommitsAsItIsTold) {
  EntityTest<Counter> counter(10);
  counter.world().attempts(1);
  counter.fail_next_commit(CommitFault::full);
  EXPECT_TRUE(counter.ask<Add>(1).not_executed());
  counter.fail_next_commit(CommitFault::lost);
  EXPECT_TRUE(counter.ask<Add>(1).unknown());
  EXPECT_EQ(counter.ask<Read>()->sum, 0);
  counter.fail_next_commit(CommitFault::kept);
  EXPECT_TRUE(counter.ask<Add>(1).unknown());
  EXPECT_EQ(counter.ask<Read>()->sum, 1);
}

}  // namespace
}  // namespace troupe::testing
