// What a breaker keeps away, and what it counts.
#include <gtest/gtest.h>

#include "tests/engine/retry_fixture.hpp"

namespace troupe::engine::retrying {
namespace {

class EdgeBreaker : public Retry {};

constexpr resilience::CallPolicy with_breaker{.attempts = 1,
                                              .breaker = resilience::BreakerOptions{3, Duration(10s), Duration(5s)}};

TEST_P(EdgeBreaker, AnswersAtOnceWhileTheBreakerIsOpen) {
  open_with(with_breaker);
  fail_loads(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask<Total>(note).not_executed());
  const auto loads = store.loads;
  const auto refused = ask<Total>(note);
  EXPECT_TRUE(refused.not_executed());
  EXPECT_EQ(refused.failure().code, failure_code::unavailable);
  EXPECT_NE(refused.failure().detail.find("gateway -> counter"), std::string::npos) << refused.failure().detail;
  EXPECT_NE(refused.failure().detail.find("5000 ms"), std::string::npos) << refused.failure().detail;
  EXPECT_EQ(store.loads, loads) << "nothing reaches the callee";
  EXPECT_EQ(reports.breakers, std::vector<std::string>{"gateway -> counter opened"});
}

TEST_P(EdgeBreaker, ClosesTheBreakerAfterAProbe) {
  open_with(with_breaker);
  fail_loads(4);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask<Total>(note).not_executed());
  world.advance(5s);
  EXPECT_TRUE(ask<Total>(note).not_executed()) << "the probe fails: open again";
  EXPECT_TRUE(ask<Total>(note).not_executed());
  world.advance(5s);
  EXPECT_TRUE(ask<Total>(note).ok());
  EXPECT_TRUE(ask<Total>(note).ok());
  EXPECT_EQ(reports.breakers, (std::vector<std::string>{"gateway -> counter opened", "gateway -> counter closed"}));
}

TEST_P(EdgeBreaker, KnowsThatWhatABreakerKeptAwayHadNoEffect) {
  policies["front -> counter"] = with_breaker;
  open();
  fail_commits(3, StoreStatus::full);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask_front<SetThrough>(std::string("c")).unknown());
  const auto refused = ask_front<SetThrough>(std::string("c"));
  EXPECT_TRUE(refused.not_executed()) << "its turn has asked nobody";
  EXPECT_EQ(refused.failure().code, failure_code::unavailable);
}

TEST_P(EdgeBreaker, CountsNoRejectionAgainstTheBreaker) {
  open_with(with_breaker);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ask<Refuse>().rejected());
  EXPECT_TRUE(ask<Total>(note).ok());
}

TEST_P(EdgeBreaker, CountsAgainstItsOwnEdgeOnly) {
  policies["gateway -> front"] = with_breaker;
  policies["front -> counter"] = with_breaker;
  open();
  fail_loads(3);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask_front<ReadThrough>(std::string("c")).not_executed());
  EXPECT_EQ(reports.breakers, std::vector<std::string>{"front -> counter opened"});
  EXPECT_TRUE(ask<Total>(note).ok()) << "another caller has its own edge";
}

TEST_P(EdgeBreaker, StaysUncertainWhenTheBreakerOpensBetweenAttempts) {
  open_with({.attempts = 5, .breaker = resilience::BreakerOptions{2, Duration(10s), Duration(5s)}});
  fail_commits(100, StoreStatus::unknown);
  const auto set = ask<SetTo>(5, note);
  EXPECT_TRUE(set.unknown());
  EXPECT_EQ(set.failure().code, failure_code::commit_unknown);
  EXPECT_EQ(seen.turns, 2U);
}

INSTANTIATE_TEST_SUITE_P(Loops, EdgeBreaker, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::retrying
