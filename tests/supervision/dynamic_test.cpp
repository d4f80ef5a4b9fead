// simple_one_for_one: many children of one template.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

SupervisorSpec of_one_template(Restart restart = Restart::permanent, Shutdown shutdown = Shutdown::after(5s)) {
  ChildSpec child_template = worker("template", restart);
  child_template.shutdown = shutdown;
  return {.flags = {.strategy = Strategy::simple_one_for_one, .intensity = 3}, .children = {child_template}};
}

/// Started, with these children, and what it told of that forgotten.
SimulatedTree& running_with(SimulatedTree& tree, std::initializer_list<const char*> ids) {
  tree.start();
  for (const char* id : ids) tree.start_dynamic(id);
  tree.settle();
  tree.take_log();
  return tree;
}

TEST(SupervisorDynamic, StartsNothingByItselfAndChildrenWhenItIsAsked) {
  SimulatedTree tree(of_one_template());
  tree.start();
  tree.start_dynamic("x");
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("started", "start x", "reply 1 ok started"));
  EXPECT_EQ(tree.root().count_children(), (ChildCounts{.specs = 1, .active = 1, .supervisors = 0, .workers = 1}));
}

TEST(SupervisorDynamic, RestartsAChildWithItsOwnArguments) {
  SimulatedTree tree(of_one_template());
  running_with(tree, {"x", "y"}).exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit x boom", "report child_terminated x boom", "start x"));
}

TEST(SupervisorDynamic, ForgetsAChildThatIsNotRestarted) {
  SimulatedTree tree(of_one_template(Restart::transient));
  running_with(tree, {"x", "y"}).exit("x", ExitReason::normal());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit x normal"));
  EXPECT_EQ(tree.root().count_children().workers, 1U);
}

TEST(SupervisorDynamic, KeepsNoArgumentsOfTemporaryChildren) {
  const auto argument = std::make_shared<int>(7);
  Supervisor supervisor("root", of_one_template(Restart::temporary), [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  supervisor.handle(request::StartDynamicChild{RequestId(1), argument}, Instant{});
  EXPECT_EQ(argument.use_count(), 2);
  supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, Instant{});
  EXPECT_EQ(argument.use_count(), 1);
}

TEST(SupervisorDynamic, KeepsNothingOfAStartThatFailedOrWasIgnored) {
  SimulatedTree tree(of_one_template());
  tree.behaviour("x").starts = {StartOutcome::fails("bad")};
  tree.behaviour("y").starts = {StartOutcome::ignored()};
  tree.start();
  tree.start_dynamic("x");
  tree.start_dynamic("y");
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("started", "start x bad", "reply 1 start_failed bad", "start y ignored", "reply 2 ok"));
  EXPECT_THAT(tree.root().which_children(), IsEmpty());
}

TEST(SupervisorDynamic, TriesAFailedRestartAgainUnderItsLastRef) {
  SimulatedTree tree(of_one_template());
  tree.behaviour("x").starts = {StartOutcome::up(), StartOutcome::fails("bad")};
  running_with(tree, {"x"}).exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit x boom", "report child_terminated x boom", "start x bad",
                                           "report start_error x bad", "start x"));
}

TEST(SupervisorDynamic, TriesNoRestartAgainOfAChildThatWasTerminatedMeanwhile) {
  SimulatedTree tree(of_one_template());
  tree.behaviour("x").starts = {StartOutcome::up(), StartOutcome::fails("bad")};
  running_with(tree, {"x"}).exit("x", boom);
  tree.terminate_child("x");
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit x boom", "report child_terminated x boom", "start x bad",
                                           "report start_error x bad", "reply 2 ok"));
  EXPECT_EQ(tree.root().count_children(), (ChildCounts{.specs = 1, .active = 0, .supervisors = 0, .workers = 0}));
}

TEST(SupervisorDynamic, ForgetsAChildWhoseRestartIsIgnored) {
  SimulatedTree tree(of_one_template());
  tree.behaviour("x").starts = {StartOutcome::up(), StartOutcome::ignored()};
  running_with(tree, {"x"}).exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.root().which_children(), IsEmpty());
}

TEST(SupervisorDynamic, TerminatesAChildByItsRefOnlyAndRestartsAndDeletesNone) {
  Supervisor supervisor("root", of_one_template(), [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  supervisor.handle(request::StartDynamicChild{RequestId(1), {}}, Instant{});
  supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, Instant{});
  const auto refusal = [&](Event event) {
    const Commands commands = supervisor.handle(std::move(event), Instant{});
    return std::get<command::Reply>(commands.at(0)).refusal;
  };
  EXPECT_EQ(refusal(request::TerminateChild{RequestId(2), "template"}), Refusal::simple_one_for_one);
  EXPECT_EQ(refusal(request::RestartChild{RequestId(3), ChildRef(1)}), Refusal::simple_one_for_one);
  EXPECT_EQ(refusal(request::DeleteChild{RequestId(4), ChildRef(1)}), Refusal::simple_one_for_one);
  EXPECT_EQ(refusal(request::StartChild{RequestId(5), worker("a")}), Refusal::simple_one_for_one);
  EXPECT_EQ(refusal(request::TerminateChild{RequestId(6), ChildRef(2)}), Refusal::not_found);
  const Commands told = supervisor.handle(request::TerminateChild{RequestId(7), ChildRef(1)}, Instant{});
  EXPECT_EQ(std::get<command::ExitChild>(told.at(0)).ref, ChildRef(1));
}

TEST(SupervisorDynamic, StopsAllInParallelUnderOneTimeLimit) {
  SimulatedTree tree(of_one_template(Restart::permanent, Shutdown::after(2s)));
  tree.behaviour("x").on_shutdown = OnShutdown::ignores();
  tree.behaviour("z").on_shutdown = OnShutdown::ignores();
  running_with(tree, {"w", "x", "y", "z"}).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown z", "shutdown y", "exit y shutdown", "shutdown x", "shutdown w",
                                           "exit w shutdown"));
  EXPECT_EQ(tree.timers(), 1U);
  tree.pass(2s);
  EXPECT_THAT(tree.take_log(), ElementsAre("exit x killed", "exit z killed",
                                           "report shutdown_error template 2 children killed", "terminated shutdown"));
}

TEST(SupervisorDynamic, ReportsTheErrorsOfAStopOncePerReason) {
  SimulatedTree tree(of_one_template());
  for (const char* id : {"u", "v", "w"}) tree.behaviour(id).on_shutdown = OnShutdown::ends(boom);
  tree.behaviour("x").on_shutdown = OnShutdown::ends(ExitReason::error("bang"));
  running_with(tree, {"u", "v", "w", "x", "y"}).stop(ExitReason::shutdown());
  tree.settle();
  const auto log = tree.take_log();
  EXPECT_THAT(std::vector(log.end() - 3, log.end()),
              ElementsAre("report shutdown_error template bang", "report shutdown_error template 3 children boom",
                          "terminated shutdown"));
}

TEST(SupervisorDynamic, KillsAllAtOnceWhereTheTemplateSaysSo) {
  SimulatedTree tree(of_one_template(Restart::permanent, Shutdown::brutal_kill()));
  running_with(tree, {"x", "y"}).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit y killed", "exit x killed", "terminated shutdown"));
  EXPECT_EQ(tree.timers(), 0U);
}

TEST(SupervisorDynamic, StopsWhereNoChildIsLeftToWaitFor) {
  SimulatedTree tree(of_one_template());
  running_with(tree, {}).stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("terminated shutdown"));
}

TEST(SupervisorDynamic, GivesUpAndStopsAll) {
  SimulatedTree tree(of_one_template());
  running_with(tree, {"x", "y"});
  for (int i = 0; i < 4; ++i) {
    tree.exit("x", boom);
    tree.settle();
  }
  const auto log = tree.take_log();
  EXPECT_THAT(std::vector(log.end() - 4, log.end()),
              ElementsAre("report shutdown x reached_max_restart_intensity", "shutdown y", "exit y shutdown",
                          "terminated shutdown"));
}

TEST(SupervisorDynamic, TakesANewTemplateForChildrenItRestarts) {
  SimulatedTree tree(of_one_template());
  running_with(tree, {"x"}).reload(of_one_template(Restart::temporary));
  tree.exit("x", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit x boom", "reply 2 ok", "report child_terminated x boom"));
  EXPECT_THAT(tree.root().which_children(), IsEmpty());
}

/// Starts many children, restarts one and stops all, and counts what was said to do so.
std::size_t commands_of_a_life(std::size_t children) {
  Supervisor supervisor("root", of_one_template(), [] { return 0U; });
  std::size_t commands = supervisor.handle(Start{}, Instant{}).size();
  for (std::size_t i = 1; i <= children; ++i) {
    commands += supervisor.handle(request::StartDynamicChild{RequestId(i), {}}, Instant{}).size();
    commands += supervisor.handle(ChildStarted{StartId(i), ChildRef(i)}, Instant{}).size();
  }
  EXPECT_EQ(supervisor.handle(ChildExited{ChildRef(children / 2), boom}, Instant{}).size(), 2U);
  EXPECT_EQ(supervisor.handle(ChildStarted{StartId(children + 1), ChildRef(children + 1)}, Instant{}).size(), 0U);
  EXPECT_EQ(supervisor.count_children().active, children);
  const Commands told = supervisor.handle(Stop{ExitReason::shutdown()}, Instant{});
  commands += told.size();
  for (const Command& command : told)
    if (const auto* exit = std::get_if<command::ExitChild>(&command))
      commands += supervisor.handle(ChildExited{exit->ref, ExitReason::shutdown()}, Instant{}).size();
  EXPECT_EQ(supervisor.phase(), Supervisor::Phase::terminated);
  return commands;
}

TEST(SupervisorDynamic, DoesTheSameForEachOfAHundredThousandChildren) {
  // Started, timer armed and cancelled, terminated: four. Each child: start, reply, told to end.
  EXPECT_EQ(commands_of_a_life(10), 4 + 3 * 10);
  EXPECT_EQ(commands_of_a_life(100'000), 4 + 3 * 100'000);
}

}  // namespace
}  // namespace troupe::supervision
