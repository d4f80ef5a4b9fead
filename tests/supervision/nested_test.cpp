// Trees of several supervisors, each a machine of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

SupervisorSpec pair_of_workers(SupervisorFlags flags = {}) {
  return {.flags = flags, .children = {worker("x"), worker("y")}};
}

TEST(SupervisionTree, StartsFromLeftToRightAndFromTheTop) {
  SimulatedTree tree({.children = {worker("a"), supervisor("s", pair_of_workers()), worker("b")}});
  tree.start();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a", "start s", "start x", "progress x", "start y",
                                           "progress y", "progress s", "start b", "progress b", "started"));
}

TEST(SupervisionTree, StopsTheOtherWayRound) {
  auto tree = running_tree({.children = {worker("a"), supervisor("s", pair_of_workers()), worker("b")}});
  tree.stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown b", "exit b shutdown", "shutdown s", "shutdown y",
                                           "exit y shutdown", "shutdown x", "exit x shutdown", "exit s shutdown",
                                           "shutdown a", "exit a shutdown", "terminated shutdown"));
}

TEST(SupervisionTree, DoesNotStartWhereALeafDoesNot) {
  SimulatedTree tree({.children = {worker("a"), supervisor("s", pair_of_workers())}});
  tree.behaviour("y").starts = {StartOutcome::fails("bad")};
  tree.start();
  tree.settle();
  const auto log = tree.take_log();
  EXPECT_EQ(log.back(), "start_failed shutdown(failed_to_start_child: s: shutdown(failed_to_start_child: y: bad))");
  EXPECT_EQ(tree.running(), 0U);
}

TEST(SupervisionTree, RestartsAPermanentSupervisorThatGaveUp) {
  auto tree =
      running_tree({.flags = {.intensity = 1}, .children = {supervisor("s", pair_of_workers({.intensity = 1}))}});
  for (int i = 0; i < 2; ++i) {
    tree.exit("x", boom);
    tree.settle();
  }
  const auto log = tree.take_log();
  EXPECT_THAT(log, Contains("report child_terminated s shutdown"));
  EXPECT_TRUE(tree.runs("s") && tree.runs("x") && tree.runs("y"));
}

TEST(SupervisionTree, DoesNotRestartATransientSupervisorThatGaveUp) {
  auto tree =
      running_tree({.children = {supervisor("s", pair_of_workers({.intensity = 0}), Restart::transient), worker("a")}});
  tree.exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), Not(Contains(testing::StartsWith("report child_terminated s"))));
  EXPECT_FALSE(tree.runs("s")) << "it ended with shutdown, which is orderly";
  EXPECT_TRUE(tree.runs("a"));
}

TEST(SupervisionTree, BearsTheProductOfItsLevelsIntensities) {
  // Below, 2 restarts are borne, so every third failure ends s. The root bears one restart of it.
  auto tree = running_tree({.flags = {.intensity = 1, .period = 1h},
                            .children = {supervisor("s", pair_of_workers({.intensity = 2, .period = 1h}))}});
  int failures = 0;
  while (tree.runs("x")) {
    tree.exit("x", boom);
    tree.settle();
    ++failures;
  }
  EXPECT_EQ(failures, (2 + 1) * (1 + 1));
  EXPECT_THAT(tree.take_log(), Contains("terminated shutdown"));
}

TEST(SupervisionTree, TriesASupervisorAgainThatDoesNotComeUpAgain) {
  auto tree =
      running_tree({.flags = {.intensity = 2}, .children = {supervisor("s", pair_of_workers({.intensity = 0}))}});
  tree.behaviour("x").starts = {StartOutcome::fails("bad")};
  tree.exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), Contains("report start_error s shutdown(failed_to_start_child: x: bad)"));
  EXPECT_TRUE(tree.runs("s") && tree.runs("x"));
}

TEST(SupervisionTree, KillsASupervisorThatTakesTooLongWithAllBelow) {
  ChildSpec limited = supervisor("s", pair_of_workers());
  limited.shutdown = Shutdown::after(1s);
  auto tree = running_tree({.children = {worker("a"), limited}});
  tree.behaviour("y").on_shutdown = OnShutdown::ignores();
  tree.stop(ExitReason::shutdown());
  tree.pass(1s);
  EXPECT_THAT(tree.take_log(),
              ElementsAre("shutdown s", "shutdown y", "exit y killed", "exit x killed", "exit s killed",
                          "report shutdown_error s killed", "shutdown a", "exit a shutdown", "terminated shutdown"));
  EXPECT_EQ(tree.running(), 0U);
  EXPECT_EQ(tree.timers(), 0U);
}

TEST(SupervisionTree, LeavesNothingOfASupervisorThatIsKilledWhileItRestarts) {
  auto tree =
      running_tree({.children = {worker("a"), supervisor("s", pair_of_workers({.strategy = Strategy::one_for_all}))}});
  tree.behaviour("y").starts = {StartOutcome::never()};
  tree.exit("x", boom);
  tree.settle();
  tree.post(request::TerminateChild{RequestId(1), "a"});
  tree.kill();
  tree.settle();
  tree.answer_start("y", StartOutcome::up());
  tree.settle();
  EXPECT_EQ(tree.running(), 0U);
}

TEST(SupervisionTree, EndsAStartOfASupervisorThatTakesTooLong) {
  ChildSpec slow = supervisor("s", pair_of_workers());
  slow.start_timeout = 1s;
  SimulatedTree tree({.children = {slow}});
  tree.behaviour("y").starts = {StartOutcome::never()};
  tree.start();
  tree.pass(1s);
  const auto log = tree.take_log();
  EXPECT_THAT(log, Contains("report start_error s timeout"));
  EXPECT_EQ(log.back(), "start_failed shutdown(failed_to_start_child: s: timeout)");
  EXPECT_EQ(tree.running(), 0U);
}

}  // namespace
}  // namespace troupe::supervision
