#include <troupe/resilience/backoff.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace troupe::resilience {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesItsBoundUpToTheLongest) {
  const Backoff backoff{10ms, 100ms};
  EXPECT_EQ(backoff.bound(1), 10ms);
  EXPECT_EQ(backoff.bound(2), 20ms);
  EXPECT_EQ(backoff.bound(3), 40ms);
  EXPECT_EQ(backoff.bound(4), 80ms);
  EXPECT_EQ(backoff.bound(5), 100ms);
  EXPECT_EQ(backoff.bound(std::numeric_limits<unsigned>::max()), 100ms);
}

TEST(Backoff, NeverWaitsLongerThanTheLongestEvenAtFirst) {
  EXPECT_EQ((Backoff{200ms, 100ms}.bound(1)), 100ms);
  EXPECT_EQ((Backoff{100ms, 100ms}.bound(2)), 100ms);
}

TEST(Backoff, WaitsForNothingWhereTheFirstWaitIsNone) {
  const Backoff backoff{0ms, 100ms, Backoff::Jitter::equal};
  EXPECT_EQ(backoff.bound(1), 0ms);
  EXPECT_EQ(backoff.bound(40), 0ms) << "twice nothing is nothing";
  EXPECT_EQ(backoff.wait(3, 12345), 0ms);
}

TEST(Backoff, DrawsTheWholeWait) {
  const Backoff backoff{10ms, 100ms};
  EXPECT_EQ(backoff.wait(1, 0), 0ms);
  EXPECT_EQ(backoff.wait(1, 10), 10ms);
  EXPECT_EQ(backoff.wait(1, 11), 0ms);
}

TEST(Backoff, WaitsAtLeastHalfOfItsBoundWhereItIsToldTo) {
  const Backoff backoff{10ms, 100ms, Backoff::Jitter::equal};
  EXPECT_EQ(backoff.wait(1, 0), 5ms);
  EXPECT_EQ(backoff.wait(1, 5), 10ms);
  EXPECT_EQ(backoff.wait(1, 6), 5ms);
  EXPECT_EQ(backoff.wait(5, 0), 50ms);
}

RC_GTEST_PROP(Backoff, WaitsWithinItsBound, (unsigned number, std::uint64_t random)) {
  const Backoff backoff;
  RC_ASSERT(backoff.wait(number, random) >= 0ms);
  RC_ASSERT(backoff.wait(number, random) <= backoff.bound(number));
  RC_ASSERT(backoff.bound(number) <= backoff.longest);
}

}  // namespace
}  // namespace troupe::resilience
