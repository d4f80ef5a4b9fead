// Starts: their order, those that fail, and those that never come to an end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const ExitReason boom = ExitReason::error("boom");
const StartOutcome bad = StartOutcome::fails("bad");

TEST(SupervisorStart, StartsChildrenInTheirOrder) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c")}});
  tree.start();
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("start a", "progress a", "start b", "progress b", "start c", "progress c", "started"));
}

TEST(SupervisorStart, StartsOneChildOnlyWhenTheOneBeforeIsUp) {
  SimulatedTree tree({.children = {worker("a"), worker("b")}});
  tree.behaviour("a").starts = {StartOutcome::never()};
  tree.start();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a"));
  tree.answer_start("a", StartOutcome::up());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a", "start b", "progress b", "started"));
}

TEST(SupervisorStart, FailsWithTheFirstChildThatDoesAndStopsThoseBefore) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c"), worker("d")}});
  tree.behaviour("c").starts = {bad};
  tree.start();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a", "start b", "progress b", "start c bad",
                                           "report start_error c bad", "shutdown b", "exit b shutdown", "shutdown a",
                                           "exit a shutdown", "start_failed shutdown(failed_to_start_child: c: bad)"));
  EXPECT_EQ(tree.root().phase(), Supervisor::Phase::terminated);
}

TEST(SupervisorStart, KeepsAChildThatIsIgnoredUnlessItIsTemporary) {
  SimulatedTree tree({.children = {worker("a"), worker("b", Restart::temporary)}});
  tree.behaviour("a").starts = {StartOutcome::ignored()};
  tree.behaviour("b").starts = {StartOutcome::ignored()};
  tree.start();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a ignored", "start b ignored", "started"));
  EXPECT_THAT(tree.root().which_children(), ElementsAre(ChildInfo{.id = "a", .state = ChildState::stopped}));
}

TEST(SupervisorStart, MakesWhatIsAskedMeanwhileWait) {
  SimulatedTree tree({.children = {worker("a")}});
  tree.behaviour("a").starts = {StartOutcome::never()};
  tree.start();
  tree.start_child(worker("b"));
  tree.stop(ExitReason::shutdown());
  tree.terminate_child("a");
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a")) << "as OTP: a start that hangs holds its supervisor up";
  tree.answer_start("a", StartOutcome::up());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a", "started", "start b", "progress b",
                                           "reply 1 ok started", "shutdown b", "exit b shutdown", "shutdown a",
                                           "exit a shutdown", "terminated shutdown", "reply 2 terminated"));
}

TEST(SupervisorStart, GivesAStartUpThatTakesTooLong) {
  ChildSpec slow = worker("b");
  slow.start_timeout = 2s;
  SimulatedTree tree({.children = {worker("a"), slow}});
  tree.behaviour("b").starts = {StartOutcome::never()};
  tree.start();
  tree.pass(1999ms);
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a", "start b"));
  tree.pass(1ms);
  EXPECT_THAT(tree.take_log(), ElementsAre("cancel b", "report start_error b timeout", "shutdown a", "exit a shutdown",
                                           "start_failed shutdown(failed_to_start_child: b: timeout)"));
}

TEST(SupervisorStart, HasNoTimerLeftOfAStartThatCameInTime) {
  ChildSpec slow = worker("a");
  slow.start_timeout = 2s;
  SimulatedTree tree({.children = {slow}});
  tree.start();
  tree.settle();
  EXPECT_EQ(tree.timers(), 0U);
}

TEST(SupervisorRestart, IsTriedAgainThroughTheMailboxAndCounted) {
  SimulatedTree tree({.flags = {.intensity = 3}, .children = {worker("a")}});
  tree.behaviour("a").starts = {StartOutcome::up(), bad, bad, bad};
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("a", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit a boom", "report child_terminated a boom", "start a bad", "report start_error a bad",
                          "start a bad", "report start_error a bad", "start a bad", "report start_error a bad",
                          "report shutdown a reached_max_restart_intensity", "terminated shutdown"));
}

TEST(SupervisorRestart, LetsAStopInBetweenTwoTries) {
  SimulatedTree tree({.flags = {.intensity = 100}, .children = {worker("a"), worker("b")}});
  tree.behaviour("a").starts = {StartOutcome::up(), bad};
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("a", boom);
  tree.restart_child("a");
  tree.delete_child("a");
  tree.stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a boom", "report child_terminated a boom", "start a bad",
                                           "report start_error a bad", "reply 1 restarting", "reply 2 restarting",
                                           "shutdown b", "exit b shutdown", "terminated shutdown"));
}

TEST(SupervisorRestart, IsNotTriedAgainForAChildThatWasTerminated) {
  SimulatedTree tree({.flags = {.intensity = 100}, .children = {worker("a")}});
  tree.behaviour("a").starts = {StartOutcome::up(), bad};
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("a", boom);
  tree.terminate_child("a");
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a boom", "report child_terminated a boom", "start a bad",
                                           "report start_error a bad", "reply 1 ok"));
  EXPECT_FALSE(tree.runs("a"));
}

TEST(SupervisorRestart, OfAllLeavesThoseBehindTheOneThatFailedUntilItIsUp) {
  SimulatedTree tree({.flags = {.strategy = Strategy::one_for_all, .intensity = 2},
                      .children = {worker("a"), worker("b"), worker("c")}});
  tree.behaviour("b").starts = {StartOutcome::up(), bad};
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("c", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit c boom", "report child_terminated c boom", "shutdown b",
                                           "exit b shutdown", "shutdown a", "exit a shutdown", "start a", "progress a",
                                           "start b bad", "report start_error b bad",
                                           // The second try: a, which is up, goes once more, and all come again.
                                           "shutdown a", "exit a shutdown", "start a", "progress a", "start b",
                                           "progress b", "start c", "progress c"));
}

TEST(SupervisorRestart, OfTheRestLeavesThoseBeforeTheOneThatFailedUp) {
  SimulatedTree tree({.flags = {.strategy = Strategy::rest_for_one, .intensity = 2},
                      .children = {worker("a"), worker("b"), worker("c")}});
  tree.behaviour("c").starts = {StartOutcome::up(), bad};
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("a", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit a boom", "report child_terminated a boom", "shutdown c", "exit c shutdown",
                          "shutdown b", "exit b shutdown", "start a", "progress a", "start b", "progress b",
                          "start c bad", "report start_error c bad", "start c", "progress c"));
}

TEST(SupervisorRestart, ThatIsIgnoredLeavesTheChildStopped) {
  SimulatedTree tree({.children = {worker("a")}});
  tree.behaviour("a").starts = {StartOutcome::up(), StartOutcome::ignored()};
  tree.start();
  tree.settle();
  tree.take_log();
  tree.exit("a", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a boom", "report child_terminated a boom", "start a ignored"));
  EXPECT_EQ(tree.root().which_children().at(0).state, ChildState::stopped);
}

TEST(SupervisorRestart, OfAChildThatEndsInBetweenIsNotMissed) {
  // The child is told up, and is dead, before the supervisor goes on to the next.
  Supervisor supervisor("root", {.children = {worker("a"), worker("b")}}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, Instant{});
  EXPECT_THAT(supervisor.handle(ChildExited{ChildRef(1), boom}, Instant{}), IsEmpty());
  EXPECT_THAT(supervisor.handle(ChildExited{ChildRef(1), boom}, Instant{}), IsEmpty()) << "told once too often";
  EXPECT_EQ(supervisor.count_children().active, 0U);
  const Commands commands = supervisor.handle(ChildStarted{StartId(2), ChildRef(2)}, Instant{});
  const auto* again = std::get_if<command::StartChild>(&commands.back());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->spec->id, "a");
}

TEST(SupervisorRestart, AcceptsNoAnswerToAnotherAttempt) {
  Supervisor supervisor("root", {.children = {worker("a")}}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  EXPECT_THAT(supervisor.handle(ChildStartFailed{StartId(7), boom}, Instant{}), IsEmpty());
  const Commands commands = supervisor.handle(ChildStarted{StartId(7), ChildRef(1)}, Instant{});
  const auto* exit = std::get_if<command::ExitChild>(&commands.at(0));
  ASSERT_NE(exit, nullptr) << "what is not awaited is not left behind";
  EXPECT_EQ(exit->signal, command::ExitChild::Signal::kill);
}

}  // namespace
}  // namespace troupe::supervision
