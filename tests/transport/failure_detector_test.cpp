// Whether a peer is there, judged at beats that may come late.
#include <troupe/transport/detail/failure_detector.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/transport/played_channel.hpp"

namespace troupe::transport::detail {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Optional;

class FailureDetectorTest : public testing::Test {
 protected:
  /// A beat that comes so much after it was due, and the ping that it may bring.
  std::optional<std::string> beat(std::chrono::milliseconds late = {}) {
    const Instant now = detector.due() + late;
    auto lost = detector.beat(now, channel);
    if (detector.ping(now)) ++pings;
    return lost;
  }
  unsigned beats_until_lost() {
    for (unsigned beats = 1; beats < 1000; ++beats) {
      if (beat()) return beats;
    }
    return 0;
  }

  const Limits limits{.silent_heartbeats = 5};
  const std::chrono::milliseconds held_up = limits.heartbeat * 30;
  FailureDetector detector{limits, Instant{}};
  PlayedChannel channel;
  unsigned pings = 0;
};

TEST_F(FailureDetectorTest, CountsFromTheLastFrame) {
  channel.owed = held_up;
  for (int i = 0; i < 4; ++i) EXPECT_THAT(beat(), Eq(std::nullopt));
  detector.on_received();
  EXPECT_EQ(beats_until_lost(), 6U) << "the one in which it was heard, and five without";
}

TEST_F(FailureDetectorTest, BlamesNobodyForBeatsThatCameLate) {
  channel.owed = held_up;
  for (int i = 0; i < 100; ++i) EXPECT_THAT(beat(held_up), Eq(std::nullopt)) << "this loop has not listened";
  EXPECT_FALSE(detector.is_silent());
  EXPECT_EQ(beats_until_lost(), 5U);
}

TEST_F(FailureDetectorTest, AsksNoChannelThatItHasNotFed) {
  for (int i = 0; i < 5; ++i) EXPECT_THAT(beat(), Eq(std::nullopt));
  EXPECT_TRUE(detector.is_silent());
  channel.owed = held_up;
  EXPECT_THAT(beat(held_up), Eq(std::nullopt)) << "no ping has gone out for as long";
  EXPECT_THAT(beat(), Optional(HasSubstr("half-open")));
}

TEST_F(FailureDetectorTest, SaysOnceThatASilenceBegins) {
  int begins = 0;
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(beat(i == 5 ? held_up : std::chrono::milliseconds{}), Eq(std::nullopt));
    begins += detector.silence_begins() ? 1 : 0;
  }
  EXPECT_EQ(begins, 1);
  EXPECT_EQ(detector.silence(), 19 * limits.heartbeat);
}

TEST_F(FailureDetectorTest, PingsOnlyWhereNothingElseWasSaid) {
  beat();
  EXPECT_EQ(pings, 1U);
  detector.on_sent();
  beat();
  EXPECT_EQ(pings, 1U);
  beat();
  EXPECT_EQ(pings, 2U);
}

}  // namespace
}  // namespace troupe::transport::detail
