#include "runtime/testing/entity_test.hpp"

#include <gtest/gtest.h>

#include "tests/testing/counter.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using namespace counter;

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
