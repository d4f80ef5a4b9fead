#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/supervision/restart_intensity.hpp>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

constexpr Instant beginning{1h};

TEST(RestartIntensity, BearsAsManyRestartsAsItSaysAndNotOneMore) {
  for (const std::int64_t intensity : {0, 1, 2, 10}) {
    RestartIntensity restarts;
    for (std::int64_t i = 0; i < intensity; ++i) EXPECT_TRUE(restarts.add(beginning, intensity, 5s));
    EXPECT_FALSE(restarts.add(beginning, intensity, 5s)) << intensity;
  }
}

TEST(RestartIntensity, CountsARestartThatIsExactlyThePeriodOld) {
  RestartIntensity restarts;
  EXPECT_TRUE(restarts.add(beginning, 1, 5s));
  EXPECT_FALSE(restarts.add(beginning + 5s, 1, 5s));
}

TEST(RestartIntensity, ForgetsARestartThatIsAMillisecondOlder) {
  RestartIntensity restarts;
  EXPECT_TRUE(restarts.add(beginning, 1, 5s));
  EXPECT_TRUE(restarts.add(beginning + 5001ms, 1, 5s));
}

TEST(RestartIntensity, CountsInWholeMillisecondsRoundedDown) {
  RestartIntensity restarts;
  EXPECT_TRUE(restarts.add(beginning, 1, 5s));
  EXPECT_FALSE(restarts.add(beginning + 5s + 999us, 1, 5s));
}

TEST(RestartIntensity, CountsARestartThatWasNotBorneAsWell) {
  RestartIntensity restarts;
  EXPECT_FALSE(restarts.add(beginning, 0, 5s));
  EXPECT_FALSE(restarts.add(beginning + 1s, 1, 5s));
}

TEST(RestartIntensity, MovesItsPeriodWithTime) {
  RestartIntensity restarts;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(restarts.add(beginning + i * 2501ms, 2, 5s)) << i;
}

TEST(Supervisor, GivesUpAtOneRestartMoreThanItsIntensityWithinThePeriod) {
  SimulatedTree tree({.flags = {.intensity = 3, .period = 5s}, .children = {worker("a"), worker("b")}});
  tree.start();
  tree.settle();
  for (int i = 0; i < 3; ++i) {
    tree.exit("b", ExitReason::error("boom"));
    tree.pass(1s);
  }
  tree.take_log();
  tree.pass(2s);  // 5 s after the first
  tree.exit("b", ExitReason::error("boom"));
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b boom", "report child_terminated b boom",
                                           "report shutdown b reached_max_restart_intensity", "shutdown a",
                                           "exit a shutdown", "terminated shutdown"));
}

TEST(Supervisor, GoesOnWhereTheFirstRestartIsJustOutOfThePeriod) {
  SimulatedTree tree({.flags = {.intensity = 3, .period = 5s}, .children = {worker("a")}});
  tree.start();
  tree.settle();
  for (int i = 0; i < 3; ++i) {
    tree.exit("a", ExitReason::error("boom"));
    tree.pass(1s);
  }
  tree.pass(2001ms);
  tree.exit("a", ExitReason::error("boom"));
  tree.settle();
  EXPECT_TRUE(tree.runs("a"));
  EXPECT_THAT(tree.take_log(), Not(Contains("terminated shutdown")));
}

TEST(Supervisor, GivesUpAtTheFirstFailureWithAnIntensityOfZero) {
  SimulatedTree tree({.flags = {.intensity = 0}, .children = {worker("a")}});
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("a", ExitReason::error("boom"));
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a boom", "report child_terminated a boom",
                                           "report shutdown a reached_max_restart_intensity", "terminated shutdown"));
}

TEST(Supervisor, GivesUpOnAChildThatEndsNormallyAgainAndAgain) {
  SimulatedTree tree({.flags = {.intensity = 2}, .children = {worker("a")}});
  tree.start();
  tree.settle();
  for (int i = 0; i < 3; ++i) {
    tree.exit("a", ExitReason::normal());
    tree.settle();
  }
  EXPECT_THAT(tree.take_log(), Contains("terminated shutdown"));
}

}  // namespace
}  // namespace troupe::supervision
