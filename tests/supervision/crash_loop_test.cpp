#include <gtest/gtest.h>

#include <chrono>

#include <troupe/supervision/crash_loop.hpp>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

class ACrashLoop : public ::testing::Test {
 protected:
  using Phase = CrashLoop::Phase;
  static constexpr std::uint64_t longest = ~std::uint64_t{0};

  Phase crash(Duration after) { return loop.crashed(limits, now += after, 0); }
  void begin() {
    for (int i = 0; i < 5; ++i) crash(1s);
    ASSERT_EQ(loop.phase(), Phase::looping);
  }

  CrashLoopLimits limits;  // 5 within 10 s; the first wait is drawn from 500 ms to 1 s, here the least of it
  CrashLoop loop;
  Instant now{1h};
};

TEST_F(ACrashLoop, BeginsWithTheCrashThatReachesTheLimit) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(crash(1s), Phase::calm);
  EXPECT_EQ(crash(1s), Phase::looping);
}

TEST_F(ACrashLoop, CountsTheCrashAtTheVeryEdgeOfItsTime) {
  EXPECT_EQ(crash(0s), Phase::calm);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(crash(1s), Phase::calm);
  EXPECT_EQ(crash(7s), Phase::looping) << "the first was exactly 10 s ago";
}

TEST_F(ACrashLoop, ForgetsCrashesThatAreOlder) {
  EXPECT_EQ(crash(0s), Phase::calm);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(crash(1s), Phase::calm);
  EXPECT_EQ(crash(7001ms), Phase::calm);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(crash(2501ms), Phase::calm) << "never five within ten seconds";
}

TEST_F(ACrashLoop, LetsAllPassWhileItIsCalm) {
  EXPECT_TRUE(loop.admits(now));
  crash(0s);
  EXPECT_TRUE(loop.admits(now));
  loop.handled();
  EXPECT_EQ(loop.phase(), Phase::calm);
}

TEST_F(ACrashLoop, LetsOneTryPassAfterItsWait) {
  begin();
  EXPECT_EQ(loop.next_try(), now + 500ms);
  EXPECT_FALSE(loop.admits(now + 499ms));
  EXPECT_TRUE(loop.admits(now + 500ms));
  EXPECT_FALSE(loop.admits(now + 500ms)) << "one at a time";
}

TEST_F(ACrashLoop, IsOverAsSoonAsATryIsHandled) {
  begin();
  loop.handled();
  EXPECT_EQ(loop.phase(), Phase::looping) << "nothing has been tried";
  ASSERT_TRUE(loop.admits(now += 500ms));
  loop.handled();
  EXPECT_EQ(loop.phase(), Phase::calm);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(crash(0s), Phase::calm) << "it is counted from nothing";
}

TEST_F(ACrashLoop, WaitsTwiceAsLongAfterEachTryThatCrashes) {
  begin();
  for (const Duration expected : {1000ms, 2000ms, 4000ms, 8000ms, 15'000ms, 15'000ms}) {
    ASSERT_TRUE(loop.admits(now = loop.next_try()));
    EXPECT_EQ(crash(0s), Phase::looping);
    EXPECT_EQ(loop.next_try() - now, expected);
  }
}

TEST_F(ACrashLoop, BeginsWithTheShortWaitAgainOnceItWasOver) {
  begin();
  ASSERT_TRUE(loop.admits(now = loop.next_try()));
  crash(0s);
  ASSERT_TRUE(loop.admits(now = loop.next_try()));
  loop.handled();
  begin();
  EXPECT_EQ(loop.next_try(), now + 500ms);
}

TEST_F(ACrashLoop, LetsAnotherTryPassWhereTheEndOfOneWasNeverTold) {
  begin();
  ASSERT_TRUE(loop.admits(now += 500ms));
  EXPECT_FALSE(loop.admits(now + 499ms));
  EXPECT_TRUE(loop.admits(now + 500ms));
}

TEST_F(ACrashLoop, DrawsItsWaitSoThatEntitiesComeBackApart) {
  for (int i = 0; i < 5; ++i) loop.crashed(limits, now, longest);
  EXPECT_GT(loop.next_try(), now + 500ms);
  EXPECT_LE(loop.next_try(), now + 1s);
}

}  // namespace
}  // namespace troupe::supervision
