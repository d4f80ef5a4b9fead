// What is repeated, how often, and how long.
#include <gtest/gtest.h>

#include "tests/engine/retry_fixture.hpp"

namespace troupe::engine::retrying {
namespace {

// What is repeated, by effect class and failure.

TEST_P(Retry, RepeatsAReadUntilItsStateCanBeLoaded) {
  fail_loads(2);
  const auto total = ask<Total>(note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(retries(), 2U);
  EXPECT_EQ(seen.notes, std::vector{note});
}

TEST_P(Retry, RepeatsNoMoreOftenThanThePolicySays) {
  fail_loads(3);
  const auto total = ask<Total>(note);
  EXPECT_TRUE(total.not_executed());
  EXPECT_EQ(total.failure().code, failure_code::unavailable);
  EXPECT_EQ(retries(), 2U);
}

TEST_P(Retry, RepeatsAQueryOfTheDirectory) {
  ASSERT_TRUE(ask<SetTo>(5, note).ok());
  store.next_queries.assign(2, StoreStatus::unavailable);
  const auto totals = run(asking<Totals>(directory<CounterApi>()));
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(*totals, std::vector<std::int64_t>{5});
  EXPECT_EQ(retries(), 2U);
}

TEST_P(Retry, HandsEachAttemptTheWholeMessage) {
  fail_commits(2, StoreStatus::full);
  ASSERT_TRUE(ask<SetTo>(5, note).ok());
  EXPECT_EQ(seen.notes, (std::vector{note, note, note}));
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, RepeatsAnIdempotentMessageOfUnknownOutcome) {
  fail_commits(2, StoreStatus::unknown);
  ASSERT_TRUE(ask<SetTo>(5, note).ok());
  EXPECT_EQ(retries(), 2U);
}

TEST_P(Retry, RepeatsAKeyedMessageThatWasNotExecuted) {
  fail_commits(2, StoreStatus::full);
  const auto total = ask<AddKeyed>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(*total, 5);
  EXPECT_EQ(seen.notes, (std::vector{note, note, note}));
}

TEST_P(Retry, ExecutesAKeyedMessageOnceWhenItsLostCommitWasKept) {
  store.next_commits = {StoreStatus::unknown};
  store.keep_unknown = true;
  const auto total = ask<AddKeyed>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(*total, 5);
  EXPECT_EQ(retries(), 1U);
  EXPECT_EQ(seen.turns, 1U) << "the inbox knows the answer";
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, ExecutesAKeyedMessageOnceWhenItsLostCommitWasNotKept) {
  store.next_commits = {StoreStatus::unknown};
  const auto total = ask<AddKeyed>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(seen.turns, 2U);
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, RepeatsWhatMustHappenOnceOnlyBeforeItsTurn) {
  fail_loads(2);
  const auto total = ask<AddOnce>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(retries(), 2U);
  EXPECT_EQ(seen.notes, std::vector{note});

  fail_commits(1, StoreStatus::full);
  const auto refused = ask<AddOnce>(5, note);
  EXPECT_TRUE(refused.not_executed());
  EXPECT_EQ(retries(), 2U) << "its turn had started";
}

TEST_P(Retry, NeverRepeatsWhatMustHappenOnceWhenItMayHaveHappened) {
  for (const bool kept : {true, false}) {
    store.next_commits = {StoreStatus::unknown};
    store.keep_unknown = kept;
    EXPECT_TRUE(ask<AddOnce>(5, note).unknown());
    EXPECT_EQ(*ask<Total>(note), 5);
    EXPECT_EQ(retries(), 0U);
  }
}

TEST_P(Retry, NeverRepeatsARejection) {
  EXPECT_TRUE(ask<Refuse>().rejected("unavailable"));
  EXPECT_EQ(seen.turns, 1U);
}

TEST_P(Retry, NeverRepeatsACrash) {
  const auto crashed = ask<Crash>();
  EXPECT_EQ(crashed.failure().code, failure_code::actor_crashed);
  EXPECT_EQ(seen.turns, 1U);
}

TEST_P(Retry, RepeatsWhatAFullQueueRefused) {
  options.queue_limit = 1;
  open();
  ASSERT_TRUE(ask<Total>(note).ok());
  store.held = true;
  auto first = begin(asking<SetTo>(counter("c"), 1, note));
  auto second = begin(asking<SetTo>(counter("c"), 2, note));
  auto third = begin(asking<AddOnce>(counter("c"), 3, note));
  world.run_until([&] { return retries() > 0; }, 1s);
  store.release();
  world.run_until([&] { return third->has_value(); }, 1s);
  EXPECT_TRUE((*first)->ok());
  EXPECT_TRUE((*second)->ok());
  ASSERT_TRUE((*third)->ok()) << "a message that was turned away is whole, whatever its class";
  EXPECT_EQ(*ask<Total>(note), 5);
}

// Time: the edge's timeout, the caller's deadline, the backoff.

TEST_P(Retry, RepeatsWhatTheEdgesTimeoutCutOff) {
  open_with({.timeout = 100ms});
  const auto slow = ask<Dawdle>(7, std::vector<Duration>{1s, 0ms});
  ASSERT_TRUE(slow.ok()) << slow.failure().detail;
  EXPECT_EQ(*slow, 7);
  EXPECT_EQ(seen.dawdled, 2U);
}

TEST_P(Retry, TellsThatTheEdgesTimeoutWasTheLimit) {
  open_with({.timeout = 100ms, .attempts = 1});
  const Time before = world.wall_time();
  const auto slow = ask<Dawdle>(7, std::vector<Duration>{1s});
  EXPECT_TRUE(slow.unknown());
  EXPECT_EQ(slow.failure().code, failure_code::timeout);
  EXPECT_NE(slow.failure().detail.find("gateway -> counter"), std::string::npos) << slow.failure().detail;
  EXPECT_LE(elapsed_since(before), 110ms);
}

TEST_P(Retry, NeverRunsPastTheCallersDeadline) {
  open_with({.timeout = 100ms, .attempts = 100, .budget_percent = 1000});
  patience = 450ms;
  const Time before = world.wall_time();
  const auto slow = ask<Dawdle>(7, std::vector<Duration>{1h});
  EXPECT_TRUE(slow.unknown());
  EXPECT_LE(elapsed_since(before), 455ms);
  EXPECT_GT(retries(), 0U);
}

TEST_P(Retry, AnswersAFailureAsItIsWhenTheDeadlineLeavesNoRoom) {
  patience = 1ms;
  fail_loads(100);
  const auto total = ask<Total>(note);
  EXPECT_TRUE(total.not_executed());
  EXPECT_LE(retries(), 1U);
}

TEST_P(Retry, StaysQuickWhenEverythingFails) {
  fail_commits(1000, StoreStatus::full);
  const Time before = world.wall_time();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(ask<SetTo>(5, note).not_executed());
  EXPECT_LE(elapsed_since(before), 100 * 35ms);
}

// The budget.

TEST_P(Retry, RepeatsNoMoreThanItsPartOfTheCallsInTheLongRun) {
  fail_loads(100'000);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(ask<Total>(note).not_executed());
  EXPECT_GE(retries(), 200U);
  EXPECT_LE(retries(), 200U + 10 + 40) << "its part, its reserve, and what time refilled";
}

TEST_P(Retry, RepeatsNothingWithoutABudget) {
  open_with({.budget_percent = 0});
  fail_loads(1);
  EXPECT_TRUE(ask<Total>(note).not_executed());
  EXPECT_EQ(retries(), 0U);
}

// Ends.

TEST_P(Retry, EndsItsBackoffWithTheEngine) {
  open_with({.attempts = 100, .budget_percent = 1000});
  fail_loads(1000);
  auto pending = begin(asking<Total>(counter("c"), note));
  world.run_until([this] { return retries() > 4; }, 10s);
  engine->stop(0ms);
  store.close();
  engine.reset();  // the sanitizers see to it that nothing is leaked
  EXPECT_FALSE(pending->has_value());
}

TEST_P(Retry, FailsAtOnceWhatNobodyHosts) {
  engine->stop(0ms);
  store.close();
  engine = std::make_unique<Engine>(world, reports);
  engine->host(entity_type<Front>(&front_seen), &front_store);
  engine->start();
  const Time before = world.wall_time();
  EXPECT_TRUE(ask<Total>(note).not_executed());
  EXPECT_EQ(elapsed_since(before), 0ms);
}

INSTANTIATE_TEST_SUITE_P(Loops, Retry, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::retrying
