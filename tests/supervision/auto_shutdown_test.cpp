#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

ChildSpec significant(const std::string& id, Restart restart) {
  ChildSpec spec = worker(id, restart);
  spec.significant = true;
  return spec;
}

SimulatedTree with_significant(AutoShutdown auto_shutdown, std::vector<ChildSpec> children,
                               Strategy strategy = Strategy::one_for_one) {
  return running_tree({.flags = {.strategy = strategy, .intensity = 9, .auto_shutdown = auto_shutdown},
                       .children = std::move(children)});
}

TEST(SupervisorAutoShutdown, FollowsTheFirstSignificantChildThatEndsByItself) {
  auto tree = with_significant(AutoShutdown::any_significant, {worker("a"), significant("b", Restart::transient),
                                                               significant("c", Restart::transient)});
  tree.exit("b", ExitReason::normal());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b normal", "shutdown c", "exit c shutdown", "shutdown a",
                                           "exit a shutdown", "terminated shutdown"));
}

TEST(SupervisorAutoShutdown, FollowsATemporaryChildHoweverItEnds) {
  for (const ExitReason& reason : {ExitReason::normal(), boom, ExitReason::killed()}) {
    auto tree = with_significant(AutoShutdown::any_significant, {significant("a", Restart::temporary)});
    tree.exit("a", reason);
    tree.settle();
    EXPECT_THAT(tree.take_log(), Contains("terminated shutdown"));
  }
}

TEST(SupervisorAutoShutdown, FollowsTheLastActiveSignificantChildWhereAllAreToEnd) {
  auto tree = with_significant(AutoShutdown::all_significant, {worker("a"), significant("b", Restart::transient),
                                                               significant("c", Restart::temporary)});
  tree.exit("c", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit c boom", "report child_terminated c boom"));
  tree.exit("b", ExitReason::shutdown("done"));
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit b shutdown(done)", "shutdown a", "exit a shutdown", "terminated shutdown"));
}

TEST(SupervisorAutoShutdown, TakesAChildForActiveWhoseRestartIsTriedAgain) {
  auto tree = with_significant(AutoShutdown::all_significant,
                               {significant("a", Restart::transient), significant("b", Restart::transient)});
  tree.behaviour("a").starts = {StartOutcome::fails("bad")};
  tree.exit("a", boom);
  tree.exit("b", ExitReason::normal());  // seen before the second try
  tree.settle();
  EXPECT_THAT(tree.take_log(), Not(Contains("terminated shutdown")));
  EXPECT_TRUE(tree.runs("a"));
}

TEST(SupervisorAutoShutdown, DoesNotFollowAChildThatIsRestarted) {
  auto tree = with_significant(AutoShutdown::any_significant, {significant("a", Restart::transient)});
  tree.exit("a", boom);
  tree.settle();
  EXPECT_TRUE(tree.runs("a"));
}

TEST(SupervisorAutoShutdown, DoesNotFollowOtherChildren) {
  auto tree = with_significant(AutoShutdown::any_significant,
                               {worker("a", Restart::transient), significant("b", Restart::transient)});
  tree.exit("a", ExitReason::normal());
  tree.settle();
  EXPECT_THAT(tree.take_log(), Not(Contains("terminated shutdown")));
}

TEST(SupervisorAutoShutdown, DoesNotFollowAChildThatWasTerminated) {
  auto tree = with_significant(AutoShutdown::any_significant, {worker("a"), significant("b", Restart::transient)});
  tree.terminate_child("b");
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown b", "exit b shutdown", "reply 1 ok"));
}

TEST(SupervisorAutoShutdown, DoesNotFollowAChildThatASiblingTookDown) {
  auto tree = with_significant(AutoShutdown::any_significant, {worker("a"), significant("b", Restart::temporary)},
                               Strategy::one_for_all);
  tree.exit("a", boom);
  tree.exit("b", ExitReason::normal());  // seen while b is stopped for a's restart
  tree.settle();
  EXPECT_THAT(tree.take_log(), Not(Contains("terminated shutdown")));
  EXPECT_TRUE(tree.runs("a"));
}

TEST(SupervisorAutoShutdown, WaitsForTheLastDynamicChild) {
  SimulatedTree tree(
      {.flags = {.strategy = Strategy::simple_one_for_one, .auto_shutdown = AutoShutdown::all_significant},
       .children = {significant("template", Restart::temporary)}});
  tree.start();
  tree.start_dynamic("x");
  tree.start_dynamic("y");
  tree.settle();
  tree.exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), Not(Contains("terminated shutdown")));
  tree.exit("y", ExitReason::normal());
  tree.settle();
  EXPECT_THAT(tree.take_log(), Contains("terminated shutdown"));
}

}  // namespace
}  // namespace troupe::supervision
