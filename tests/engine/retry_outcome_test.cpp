// What callers hear of calls that were repeated, directly and through others.
#include <gtest/gtest.h>

#include "tests/engine/retry_fixture.hpp"

namespace troupe::engine::retrying {
namespace {

class RetryOutcome : public Retry {};

TEST_P(RetryOutcome, StaysUncertainOnceAnAttemptWas) {
  store.next_commits = {StoreStatus::unknown, StoreStatus::full, StoreStatus::full};
  const auto set = ask<SetTo>(5, note);
  EXPECT_TRUE(set.unknown());
  EXPECT_EQ(set.failure().code, failure_code::commit_unknown);
  EXPECT_NE(set.failure().detail.find("unavailable"), std::string::npos) << set.failure().detail;
}

TEST_P(RetryOutcome, IsCertainAgainOnceAnAttemptSucceeds) {
  store.next_commits = {StoreStatus::unknown, StoreStatus::full};
  EXPECT_TRUE(ask<SetTo>(5, note).ok());
}

TEST_P(RetryOutcome, KnowsThatAReadLeavesNothingBehind) {
  options.queue_limit = 1;
  open_with({.timeout = 100ms, .attempts = 2});
  ASSERT_TRUE(ask<SetTo>(1, note).ok());
  store.held = true;
  auto blocked = begin(asking<SetTo>(counter("c"), 2, note));
  world.advance(10ms);
  // The first attempt waits until its time is up; the second is turned away, for the first still stands in the queue.
  const auto total = ask<Total>(note);
  EXPECT_TRUE(total.not_executed());
  EXPECT_EQ(total.failure().code, failure_code::overloaded);
  const auto set = ask<SetTo>(3, note);
  EXPECT_TRUE(set.not_executed()) << "turned away twice";
  store.release();
}

TEST_P(RetryOutcome, TellsOfAStoreThatIsTooBusy) {
  open_with({.attempts = 1});
  store.next_loads = {StoreStatus::overloaded};
  EXPECT_EQ(ask<Total>(note).failure().code, failure_code::overloaded);
  store.next_commits = {StoreStatus::overloaded};
  const auto set = ask<SetTo>(5, note);
  EXPECT_TRUE(set.not_executed());
  EXPECT_EQ(set.failure().code, failure_code::overloaded);
  EXPECT_TRUE(ask<SetTo>(5, note).ok()) << "busy is not broken";
  store.next_queries = {StoreStatus::overloaded};
  EXPECT_EQ(run(asking<Totals>(directory<CounterApi>())).failure().code, failure_code::overloaded);
}

// Through several hops.

TEST_P(RetryOutcome, RepeatsAFailureWhereItAroseAndNotAbove) {
  fail_loads(100);
  const auto total = ask_front<ReadThrough>(std::string("c"));
  EXPECT_TRUE(total.not_executed());
  EXPECT_EQ(edge("front -> counter").retries(), 2U);
  EXPECT_EQ(edge("gateway -> front").retries(), 0U);
  EXPECT_EQ(front_seen.turns, 1U);
}

TEST_P(RetryOutcome, AsksUnderTheSameOperationWhenItsOwnTurnIsRepeated) {
  front_store.next_commits = {StoreStatus::unknown};
  const auto total = ask_front<AddThrough>(std::string("c"), 5);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(front_seen.turns, 2U);
  EXPECT_EQ(seen.turns, 1U) << "the counter knows the operation";
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(RetryOutcome, LeavesSendsToTheOutbox) {
  fail_commits(20, StoreStatus::full);
  ASSERT_TRUE(ask_front<SendAdd>(std::string("c")).ok());
  EXPECT_TRUE(world.run_until([this] { return front_store.outbox.empty(); }, 10min));
  EXPECT_EQ(*ask<Total>(note), 1);
  EXPECT_EQ(edge("front -> counter").retries(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Loops, RetryOutcome, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::retrying
