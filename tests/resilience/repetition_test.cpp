#include <troupe/resilience/repetition.hpp>

#include <gtest/gtest.h>

namespace troupe::resilience {
namespace {

using Kind = Failure::Kind;

constexpr Effect effects[] = {Effect::read, Effect::idempotent, Effect::keyed, Effect::once};
constexpr std::string_view codes_that_pass[] = {failure_code::unavailable, failure_code::overloaded,
                                                failure_code::timeout, failure_code::commit_unknown};
constexpr std::string_view codes_that_stay[] = {failure_code::call_deadlock,
                                                failure_code::call_cycle,
                                                failure_code::too_many_hops,
                                                failure_code::actor_crashed,
                                                failure_code::read_only,
                                                failure_code::stopped,
                                                "out_of_stock"};

TEST(Repetition, NeverRepeatsARejection) {
  for (const Effect effect : effects) {
    for (const auto code : codes_that_pass) {
      EXPECT_FALSE(may_repeat(effect, Failure(Kind::rejected, std::string(code)), Trace::untouched));
    }
  }
}

TEST(Repetition, RepeatsOnlyWhatMayPassByItself) {
  for (const Effect effect : effects) {
    for (const auto code : codes_that_stay) {
      EXPECT_FALSE(may_repeat(effect, Failure(Kind::not_executed, std::string(code)), Trace::untouched)) << code;
      EXPECT_FALSE(may_repeat(effect, Failure(Kind::unknown, std::string(code)), Trace::handled)) << code;
    }
    for (const auto code : codes_that_pass) {
      EXPECT_TRUE(may_repeat(effect, Failure(Kind::not_executed, std::string(code)), Trace::untouched)) << code;
    }
  }
}

TEST(Repetition, RepeatsWhatIsUncertainUnlessItMustHappenOnce) {
  for (const auto code : codes_that_pass) {
    const Failure failure(Kind::unknown, std::string(code));
    for (const Effect effect : {Effect::read, Effect::idempotent, Effect::keyed}) {
      EXPECT_TRUE(may_repeat(effect, failure, Trace::handled)) << code;
    }
    EXPECT_FALSE(may_repeat(Effect::once, failure, Trace::handled)) << code;
    EXPECT_FALSE(may_repeat(Effect::once, failure, Trace::untouched)) << code;
  }
}

TEST(Repetition, RepeatsWhatMustHappenOnceOnlyBeforeItsTurn) {
  const Failure failure(Kind::not_executed, std::string(failure_code::unavailable));
  EXPECT_TRUE(may_repeat(Effect::once, failure, Trace::untouched));
  EXPECT_FALSE(may_repeat(Effect::once, failure, Trace::handled));
}

TEST(Repetition, LeavesToTheLayerBelowWhatAroseThere) {
  Failure failure(Kind::not_executed, std::string(failure_code::unavailable));
  failure.passed_on = true;
  for (const Effect effect : effects) EXPECT_FALSE(may_repeat(effect, failure, Trace::untouched));
  EXPECT_FALSE(is_outage(failure));
}

TEST(Repetition, CountsAsAnOutageWhatGotNoAnswer) {
  for (const std::string_view code :
       {failure_code::unavailable, failure_code::timeout, failure_code::commit_unknown, failure_code::expired}) {
    EXPECT_TRUE(is_outage(Failure(Kind::unknown, std::string(code)))) << code;
    EXPECT_FALSE(is_outage(Failure(Kind::rejected, std::string(code)))) << code;
  }
  for (const std::string_view code :
       {failure_code::overloaded, failure_code::actor_crashed, failure_code::call_cycle}) {
    EXPECT_FALSE(is_outage(Failure(Kind::not_executed, std::string(code)))) << code;
  }
}

}  // namespace
}  // namespace troupe::resilience
