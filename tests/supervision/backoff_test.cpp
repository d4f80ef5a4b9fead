// Our extension: a child that fails waits before it is started again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

SupervisorFlags backing_off(Strategy strategy = Strategy::one_for_one) {
  // Equal jitter: a wait lies between half of its bound and the bound.
  return {.strategy = strategy,
          .intensity = 100,
          .backoff = resilience::Backoff{100ms, 1s, resilience::Backoff::Jitter::equal}};
}

TEST(SupervisorBackoff, WaitsLongerWithEachFailureInARow) {
  auto tree = running_tree({.flags = backing_off(), .children = {worker("a")}});
  for (const Duration bound : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    tree.exit("a", boom);
    tree.settle();
    EXPECT_EQ(tree.root().which_children().at(0).state, ChildState::backing_off);
    tree.pass(bound / 2 - 1ms);
    EXPECT_FALSE(tree.runs("a")) << bound.count();
    tree.pass(bound / 2 + 1ms);
    EXPECT_TRUE(tree.runs("a")) << bound.count();
  }
}

TEST(SupervisorBackoff, BeginsAnewAfterAChildHasRunForAWhile) {
  auto tree = running_tree({.flags = backing_off(), .children = {worker("a")}});
  for (int i = 0; i < 5; ++i) {
    tree.exit("a", boom);
    tree.pass(1s);
  }
  ASSERT_TRUE(tree.runs("a"));
  tree.pass(550ms);  // (100 ms + 1 s) / 2
  tree.exit("a", boom);
  tree.pass(100ms);
  EXPECT_TRUE(tree.runs("a"));
}

TEST(SupervisorBackoff, IsTheSameFromTheSameRandomNumbers) {
  const auto waits = [] {
    std::vector<Duration> found;
    std::uint64_t random = 7;
    Supervisor supervisor("root", {.flags = backing_off(), .children = {worker("a")}}, [&] { return random *= 31; });
    supervisor.handle(Start{}, Instant{});
    for (std::uint64_t i = 1; i < 6; ++i) {
      supervisor.handle(ChildStarted{StartId(i), ChildRef(i)}, Instant{});
      for (const Command& command : supervisor.handle(ChildExited{ChildRef(i), boom}, Instant{}))
        if (const auto* arm = std::get_if<command::ArmTimer>(&command)) {
          found.push_back(arm->after);
          supervisor.handle(TimerFired{arm->timer}, Instant{});
        }
    }
    return found;
  };
  EXPECT_EQ(waits().size(), 5U);
  EXPECT_EQ(waits(), waits());
}

TEST(SupervisorBackoff, CountsAFailedRestartAndWaitsAgain) {
  auto tree = running_tree({.flags = backing_off(), .children = {worker("a")}});
  tree.behaviour("a").starts = {StartOutcome::fails("bad")};
  tree.exit("a", boom);
  tree.pass(100ms);
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit a boom", "report child_terminated a boom", "start a bad", "report start_error a bad"));
  tree.pass(200ms);
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a"));
}

TEST(SupervisorBackoff, GivesUpByIntensityWithoutAnotherWait) {
  SupervisorFlags flags = backing_off();
  flags.intensity = 1;
  auto tree = running_tree({.flags = flags, .children = {worker("a"), worker("b")}});
  tree.behaviour("a").starts = {StartOutcome::fails("bad")};
  tree.exit("a", boom);
  tree.pass(100ms);
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit a boom", "report child_terminated a boom", "start a bad", "report start_error a bad",
                          "report shutdown a reached_max_restart_intensity", "shutdown b", "exit b shutdown",
                          "terminated shutdown"));
}

TEST(SupervisorBackoff, KeepsTheGroupDownWhileItWaits) {
  auto tree = running_tree({.flags = backing_off(Strategy::one_for_all), .children = {worker("a"), worker("b")}});
  tree.exit("a", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit a boom", "report child_terminated a boom", "shutdown b", "exit b shutdown"));
  tree.pass(100ms);
  EXPECT_THAT(tree.take_log(), ElementsAre("start a", "progress a", "start b", "progress b"));
}

TEST(SupervisorBackoff, LetsOthersBeRestartedMeanwhile) {
  auto tree = running_tree({.flags = backing_off(), .children = {worker("a"), worker("b")}});
  tree.exit("a", boom);
  tree.exit("b", boom);
  tree.settle();
  EXPECT_EQ(tree.timers(), 2U);
  tree.pass(100ms);
  EXPECT_TRUE(tree.runs("a") && tree.runs("b"));
}

TEST(SupervisorBackoff, EndsWithTheChildThatIsTerminated) {
  auto tree = running_tree({.flags = backing_off(), .children = {worker("a")}});
  tree.exit("a", boom);
  tree.restart_child("a");
  tree.terminate_child("a");
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit a boom", "report child_terminated a boom", "reply 1 restarting", "reply 2 ok"));
  EXPECT_EQ(tree.timers(), 0U);
  tree.pass(10s);
  EXPECT_THAT(tree.take_log(), IsEmpty());
}

TEST(SupervisorBackoff, IgnoresATimerThatFiredAllTheSame) {
  SupervisorFlags flags = backing_off(Strategy::simple_one_for_one);
  Supervisor supervisor("root", {.flags = flags, .children = {worker("template")}}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  supervisor.handle(request::StartDynamicChild{RequestId(1), {}}, Instant{});
  supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, Instant{});
  const Commands commands = supervisor.handle(ChildExited{ChildRef(1), boom}, Instant{});
  const TimerId timer = std::get<command::ArmTimer>(commands.back()).timer;
  supervisor.handle(request::TerminateChild{RequestId(2), ChildRef(1)}, Instant{});
  EXPECT_THAT(supervisor.handle(TimerFired{timer}, Instant{}), IsEmpty());
}

TEST(SupervisorBackoff, EndsWithTheSupervisor) {
  auto tree = running_tree({.flags = backing_off(), .children = {worker("a"), worker("b")}});
  tree.exit("a", boom);
  tree.settle();
  tree.stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_EQ(tree.timers(), 0U);
  EXPECT_EQ(tree.root().phase(), Supervisor::Phase::terminated);
}

TEST(SupervisorBackoff, OfOneChildGoesOverToTheGroupThatTakesItAlong) {
  auto tree = running_tree({.flags = backing_off(Strategy::rest_for_one), .children = {worker("a"), worker("b")}});
  tree.exit("b", boom);
  tree.settle();
  tree.exit("a", boom);
  tree.settle();
  EXPECT_EQ(tree.timers(), 1U) << "a's alone";
  tree.pass(100ms);
  EXPECT_TRUE(tree.runs("a") && tree.runs("b"));
}

TEST(SupervisorBackoff, OfADynamicChildIsItsOwn) {
  SupervisorFlags flags = backing_off(Strategy::simple_one_for_one);
  SimulatedTree tree({.flags = flags, .children = {worker("template")}});
  tree.start();
  tree.start_dynamic("x");
  tree.start_dynamic("y");
  tree.settle();
  tree.exit("x", boom);
  tree.settle();
  EXPECT_FALSE(tree.runs("x"));
  tree.pass(100ms);
  EXPECT_TRUE(tree.runs("x") && tree.runs("y"));
}

}  // namespace
}  // namespace troupe::supervision
