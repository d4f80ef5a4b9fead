#include <troupe/topology/duration.hpp>

#include <gtest/gtest.h>

namespace troupe::topology {
namespace {

using namespace std::chrono_literals;

TEST(TopologyDuration, IsNeitherNegativeNorEndless) {
  EXPECT_EQ(read_duration("0s"), 0s);
  EXPECT_EQ(read_duration("15m"), 15min);
  EXPECT_EQ(read_duration("3650d"), longest_duration);
  for (const auto* text : {"", "10", "-1s", "1.5s", "1 s", "3651d", "9223372036854775807ms"}) {
    EXPECT_EQ(read_duration(text), std::nullopt) << text;
  }
}

TEST(TopologyDuration, ComesInRanges) {
  EXPECT_EQ(read_duration_range("100ms..10s"), (std::pair<Duration, Duration>(100ms, 10s)));
  EXPECT_EQ(read_duration_range("1s..1s"), (std::pair<Duration, Duration>(1s, 1s)));
  for (const auto* text : {"", "1s", "..", "1s..", "..1s", "2s..1s", "1s...2s", "1s..2s..3s", "-1s..1s"}) {
    EXPECT_EQ(read_duration_range(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace troupe::topology
