// Stops: their order, their time limits, and children that do not end as they should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

ChildSpec worker_with(const std::string& id, Shutdown shutdown, Restart restart = Restart::permanent) {
  ChildSpec spec = worker(id, restart);
  spec.shutdown = shutdown;
  return spec;
}

TEST(SupervisorStop, StopsChildrenInReverseOrder) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c")}});
  running(tree).stop(ExitReason::shutdown("drained"));
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown c", "exit c shutdown", "shutdown b", "exit b shutdown",
                                           "shutdown a", "exit a shutdown", "terminated shutdown(drained)"));
}

TEST(SupervisorStop, WaitsForOneChildBeforeItTellsTheNext) {
  SimulatedTree tree({.children = {worker("a"), worker_with("b", Shutdown::infinity())}});
  tree.behaviour("b").on_shutdown = OnShutdown::ignores();
  running(tree).stop(ExitReason::shutdown());
  tree.pass(24h);
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown b")) << "without a limit it waits for ever";
  tree.exit("b", ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b shutdown", "shutdown a", "exit a shutdown", "terminated shutdown"));
}

TEST(SupervisorStop, KillsAChildThatTakesTooLong) {
  SimulatedTree tree({.children = {worker_with("a", Shutdown::after(2s))}});
  tree.behaviour("a").on_shutdown = OnShutdown::ignores();
  running(tree).stop(ExitReason::shutdown());
  tree.pass(1999ms);
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown a"));
  tree.pass(1ms);
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a killed", "report shutdown_error a killed", "terminated shutdown"));
}

TEST(SupervisorStop, KillsAtOnceWhatIsToBe) {
  SimulatedTree tree({.children = {worker_with("a", Shutdown::brutal_kill())}});
  running(tree).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit a killed", "terminated shutdown"));
}

TEST(SupervisorStop, WaitsWithoutALimitForWhatItHasKilled) {
  Supervisor supervisor("root", {.children = {worker_with("a", Shutdown::after(1s))}}, [] { return 0U; });
  Instant now{};
  supervisor.handle(Start{}, now);
  supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, now);
  const Commands told = supervisor.handle(Stop{ExitReason::shutdown()}, now);
  const TimerId timer = std::get<command::ArmTimer>(told.at(1)).timer;
  const Commands killed = supervisor.handle(TimerFired{timer}, now + 1s);
  EXPECT_EQ(std::get<command::ExitChild>(killed.at(0)).signal, command::ExitChild::Signal::kill);
  EXPECT_THAT(supervisor.handle(TimerFired{timer}, now + 24h), IsEmpty());
  EXPECT_EQ(supervisor.phase(), Supervisor::Phase::stopping) << "a handler that runs cannot be ended from outside";
  supervisor.handle(ChildExited{ChildRef(1), ExitReason::killed()}, now + 24h);
  EXPECT_EQ(supervisor.phase(), Supervisor::Phase::terminated);
}

struct ExpectedEnd {
  Restart restart;
  Shutdown shutdown;
  ExitReason reason;
  bool reported;
};

TEST(SupervisorStop, ReportsAnEndThatIsNotAsItShouldBe) {
  const Shutdown told = Shutdown::after(5s);
  const Shutdown killed = Shutdown::brutal_kill();
  const std::vector<ExpectedEnd> table{
      {Restart::permanent, told, ExitReason::shutdown(), false},
      {Restart::permanent, told, ExitReason::shutdown("late"), true},
      {Restart::permanent, told, ExitReason::normal(), true},
      {Restart::permanent, told, ExitReason::killed(), true},
      {Restart::permanent, told, boom, true},
      {Restart::transient, told, ExitReason::shutdown(), false},
      {Restart::transient, told, ExitReason::shutdown("late"), false},
      {Restart::transient, told, ExitReason::normal(), false},
      {Restart::transient, told, ExitReason::killed(), true},
      {Restart::temporary, told, boom, true},
      {Restart::permanent, killed, ExitReason::killed(), false},
      {Restart::permanent, killed, ExitReason::shutdown(), true},
      {Restart::permanent, killed, ExitReason::normal(), true},
      {Restart::transient, killed, ExitReason::shutdown(), false},
      {Restart::transient, killed, ExitReason::normal(), false},
      {Restart::transient, killed, boom, true},
  };
  for (const auto& expected : table) {
    SimulatedTree tree({.children = {worker_with("a", expected.shutdown, expected.restart)}});
    running(tree).stop(ExitReason::shutdown());
    tree.exit("a", expected.reason);  // behind the stop: seen while the child is awaited
    tree.settle();
    const std::string reason = to_text(expected.reason);
    std::vector<std::string> lines{"exit a " + reason};
    if (expected.reported) lines.push_back("report shutdown_error a " + reason);
    lines.emplace_back("terminated shutdown");
    EXPECT_EQ(tree.take_log(), lines);
  }
}

TEST(SupervisorStop, ReportsAStopThatThrows) {
  SimulatedTree tree({.children = {worker("a"), worker("b")}});
  tree.behaviour("b").on_shutdown = OnShutdown::ends(ExitReason::error("std::bad_alloc"));
  running(tree).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("shutdown b", "exit b std::bad_alloc", "report shutdown_error b std::bad_alloc", "shutdown a",
                          "exit a shutdown", "terminated shutdown"));
}

TEST(SupervisorStop, LeavesNoTimerBehind) {
  SimulatedTree tree({.children = {worker("a"), worker("b")}});
  running(tree).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_EQ(tree.timers(), 0U);
}

TEST(SupervisorStop, RefusesWhatIsAskedAfterwards) {
  SimulatedTree tree({.children = {worker("a")}});
  running(tree).stop(ExitReason::shutdown());
  tree.restart_child("a");
  tree.settle();
  tree.take_log();
  tree.start_child(worker("b"));
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("reply 2 terminated"));
}

TEST(SupervisorKill, EndsAtOnceAndTakesItsChildrenAlong) {
  SimulatedTree tree({.children = {worker("a"), worker_with("b", Shutdown::infinity())}});
  running(tree).kill();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b killed", "exit a killed", "terminated killed"));
}

TEST(SupervisorKill, OfOneThatHasEndedDoesNothing) {
  Supervisor supervisor("root", {.children = {worker("a")}}, [] { return 0U; });
  EXPECT_EQ(supervisor.handle(Kill{}, Instant{}).size(), 1U) << "Terminate";
  EXPECT_THAT(supervisor.handle(Kill{}, Instant{}), IsEmpty());
  EXPECT_THAT(supervisor.handle(Start{}, Instant{}), IsEmpty());
  EXPECT_THAT(supervisor.handle(Stop{ExitReason::shutdown()}, Instant{}), IsEmpty());
}

TEST(SupervisorKill, DuringAStopLeavesNothingBehind) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c")}});
  tree.behaviour("b").on_shutdown = OnShutdown::ignores();
  running(tree).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown c", "exit c shutdown", "shutdown b"));
  tree.kill();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b killed", "exit a killed", "terminated killed"));
  EXPECT_EQ(tree.running(), 0U);
  EXPECT_EQ(tree.timers(), 0U);
}

TEST(SupervisorKill, DuringARestartLeavesNothingBehind) {
  SimulatedTree tree({.flags = {.strategy = Strategy::one_for_all}, .children = {worker("a"), worker("b")}});
  tree.behaviour("b").starts = {StartOutcome::up(), StartOutcome::never()};
  running(tree).exit("a", boom);
  tree.terminate_child("a");
  tree.settle();
  tree.take_log();
  tree.kill();
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("cancel b", "exit a killed", "terminated killed", "reply 1 terminated"));
  // The start was too far gone to be cancelled: what comes of it now goes at once.
  tree.answer_start("b", StartOutcome::up());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start b", "exit b killed"));
  EXPECT_EQ(tree.running(), 0U);
}

}  // namespace
}  // namespace troupe::supervision
