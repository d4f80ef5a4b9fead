// What the end of a child leads to, by restart type, reason and strategy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct ExpectedExit {
  Restart restart;
  ExitReason reason;
  bool reported;
  bool restarted;
};

TEST(SupervisorExits, FollowRestartTypeAndReason) {
  const std::vector<ExpectedExit> table{
      {Restart::permanent, ExitReason::normal(), true, true},
      {Restart::permanent, ExitReason::shutdown(), true, true},
      {Restart::permanent, ExitReason::shutdown("done"), true, true},
      {Restart::permanent, ExitReason::killed(), true, true},
      {Restart::permanent, boom, true, true},
      {Restart::transient, ExitReason::normal(), false, false},
      {Restart::transient, ExitReason::shutdown(), false, false},
      {Restart::transient, ExitReason::shutdown("done"), false, false},
      {Restart::transient, ExitReason::killed(), true, true},
      {Restart::transient, boom, true, true},
      {Restart::temporary, ExitReason::normal(), false, false},
      {Restart::temporary, ExitReason::shutdown(), false, false},
      {Restart::temporary, ExitReason::shutdown("done"), false, false},
      {Restart::temporary, ExitReason::killed(), true, false},
      {Restart::temporary, boom, true, false},
  };
  for (const auto& expected : table) {
    SimulatedTree tree({.children = {worker("a", expected.restart)}});
    running(tree).exit("a", expected.reason);
    tree.settle();
    const std::string reason = to_text(expected.reason);
    std::vector<std::string> lines{"exit a " + reason};
    if (expected.reported) lines.push_back("report child_terminated a " + reason);
    if (expected.restarted) lines.insert(lines.end(), {"start a", "progress a"});
    EXPECT_EQ(tree.take_log(), lines);
    // A transient child that is not restarted is kept, stopped; a temporary one is forgotten.
    const auto children = tree.root().which_children();
    ASSERT_EQ(children.size(), expected.restart == Restart::temporary ? 0 : 1);
    if (!children.empty()) {
      EXPECT_EQ(children[0].state, expected.restarted ? ChildState::running : ChildState::stopped);
    }
  }
}

TEST(SupervisorExits, OfARefThatIsNoChildsAreIgnored) {
  SimulatedTree tree({.children = {worker("a")}});
  running(tree).post(ChildExited{ChildRef(99), boom});
  tree.post(ChildExited{ChildRef::none, boom});
  tree.settle();
  EXPECT_THAT(tree.take_log(), IsEmpty());
  EXPECT_TRUE(tree.runs("a"));
}

TEST(SupervisorExits, OfAFormerLifeAreIgnored) {
  SimulatedTree tree({.children = {worker("a")}});
  const ChildRef former = running(tree).ref("a");
  tree.exit("a", boom);
  tree.settle();
  tree.post(ChildExited{former, boom});
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a boom", "report child_terminated a boom", "start a", "progress a"));
}

TEST(SupervisorOneForOne, RestartsTheChildAlone) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c")}});
  running(tree).exit("b", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b boom", "report child_terminated b boom", "start b", "progress b"));
}

TEST(SupervisorOneForAll, StopsTheOthersInReverseOrderAndStartsAllInOrder) {
  SimulatedTree tree({.flags = {.strategy = Strategy::one_for_all},
                      .children = {worker("a"), worker("b"), worker("c", Restart::temporary), worker("d")}});
  running(tree).exit("b", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit b boom", "report child_terminated b boom", "shutdown d", "exit d shutdown",
                          "shutdown c", "exit c shutdown", "shutdown a", "exit a shutdown", "start a", "progress a",
                          "start b", "progress b", "start d", "progress d"));
  EXPECT_EQ(tree.root().count_children().specs, 3U) << "a temporary child goes with its siblings, for good";
}

TEST(SupervisorRestForOne, StopsAndStartsThoseBehindTheChild) {
  SimulatedTree tree({.flags = {.strategy = Strategy::rest_for_one},
                      .children = {worker("a"), worker("b"), worker("c"), worker("d", Restart::temporary)}});
  running(tree).exit("b", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit b boom", "report child_terminated b boom", "shutdown d", "exit d shutdown",
                          "shutdown c", "exit c shutdown", "start b", "progress b", "start c", "progress c"));
}

TEST(SupervisorGroups, CountARestartOfAllAsOne) {
  SimulatedTree tree({.flags = {.strategy = Strategy::one_for_all, .intensity = 2},
                      .children = {worker("a"), worker("b"), worker("c")}});
  running(tree);
  for (int i = 0; i < 2; ++i) {
    tree.exit("a", boom);
    tree.settle();
  }
  EXPECT_EQ(tree.running(), 4U) << "three children and the root";
}

TEST(SupervisorGroups, BringUpAgainWhatHadStoppedForGood) {
  SimulatedTree tree({.flags = {.strategy = Strategy::one_for_all},
                      .children = {worker("a"), worker("b", Restart::transient), worker("c")}});
  running(tree).exit("b", ExitReason::normal());
  tree.terminate_child("c");
  tree.settle();
  ASSERT_FALSE(tree.runs("b") || tree.runs("c"));
  tree.exit("a", boom);
  tree.settle();
  EXPECT_TRUE(tree.runs("b")) << "as OTP does: its spec is still in the list";
  EXPECT_TRUE(tree.runs("c"));
}

TEST(SupervisorGroups, TakeASiblingsOwnDeathForItsStop) {
  // b and c die together; the end of c is looked at while b's restart stops it, so it is no failure of its own.
  for (const auto answers : {SimulatedTree::Answers::at_once, SimulatedTree::Answers::through_the_mailbox}) {
    SimulatedTree tree(
        {.flags = {.strategy = Strategy::rest_for_one}, .children = {worker("a"), worker("b"), worker("c")}}, answers);
    running(tree).exit("b", boom);
    tree.exit("c", ExitReason::error("bang"));
    tree.settle();
    EXPECT_THAT(tree.take_log(),
                ElementsAre("exit b boom", "exit c bang", "report child_terminated b boom",
                            "report shutdown_error c bang", "start b", "progress b", "start c", "progress c"));
  }
}

TEST(SupervisorGroups, LeaveADeathOutsideTheGroupForAfterwards) {
  SimulatedTree tree({.flags = {.strategy = Strategy::rest_for_one, .intensity = 2},
                      .children = {worker("a"), worker("b"), worker("c")}});
  tree.behaviour("c").on_shutdown = OnShutdown::ignores();
  running(tree).exit("b", boom);
  tree.settle();  // c is being stopped
  tree.exit("a", ExitReason::error("bang"));
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit b boom", "report child_terminated b boom", "shutdown c", "exit a bang"));
  tree.pass(5s);
  EXPECT_THAT(tree.take_log(), ElementsAre("exit c killed", "report shutdown_error c killed", "start b", "progress b",
                                           "start c", "progress c", "report child_terminated a bang", "shutdown c"));
  tree.pass(5s);
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit c killed", "report shutdown_error c killed", "shutdown b", "exit b shutdown", "start a",
                          "progress a", "start b", "progress b", "start c", "progress c"));
}

}  // namespace
}  // namespace troupe::supervision
