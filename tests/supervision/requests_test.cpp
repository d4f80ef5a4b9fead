// What others ask of a supervisor, and what it tells of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> states(const SimulatedTree& tree) {
  std::vector<std::string> lines;
  for (const ChildInfo& child : tree.root().which_children())
    lines.push_back(child.id + (child.state == ChildState::running ? " running" : " stopped"));
  return lines;
}

TEST(SupervisorRequest, AddsAChildBehindTheOthers) {
  SimulatedTree tree({.children = {worker("a")}});
  running(tree).start_child(worker("b"));
  tree.stop(ExitReason::shutdown());
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("start b", "progress b", "reply 1 ok started", "shutdown b",
                                           "exit b shutdown", "shutdown a", "exit a shutdown", "terminated shutdown"));
}

TEST(SupervisorRequest, AddsNoChildUnderAnIdThatIsTaken) {
  SimulatedTree tree({.children = {worker("a"), worker("b", Restart::transient)}});
  running(tree).exit("b", ExitReason::normal());
  tree.start_child(worker("a"));
  tree.start_child(worker("b"));
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("exit b normal", "reply 1 already_started", "reply 2 already_present"));
}

TEST(SupervisorRequest, ForgetsAChildThatCouldNotBeAdded) {
  SimulatedTree tree(SupervisorSpec{});
  tree.behaviour("a").starts = {StartOutcome::fails("bad")};
  running(tree).start_child(worker("a"));
  tree.start_child(worker("a"));
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("start a bad", "reply 1 start_failed bad", "start a", "progress a", "reply 2 ok started"));
}

TEST(SupervisorRequest, AddsNoChildWithAFaultySpec) {
  Supervisor supervisor("root", {}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  ChildSpec significant = worker("a", Restart::transient);
  significant.significant = true;
  const Commands commands = supervisor.handle(request::StartChild{RequestId(1), significant}, Instant{});
  const auto& reply = std::get<command::Reply>(commands.at(0));
  EXPECT_EQ(reply.refusal, Refusal::bad_spec);
  EXPECT_THAT(reply.why, HasSubstr("root/a: a significant child, but auto_shutdown is never"));
}

TEST(SupervisorRequest, TerminatesAChildForGoodButKeepsItsSpec) {
  SimulatedTree tree({.children = {worker("a"), worker("b", Restart::temporary)}});
  running(tree).terminate_child("a");
  tree.terminate_child("b");
  tree.terminate_child("a");
  tree.terminate_child("c");
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("shutdown a", "exit a shutdown", "reply 1 ok", "shutdown b",
                                           "exit b shutdown", "reply 2 ok", "reply 3 ok", "reply 4 not_found"));
  EXPECT_THAT(states(tree), ElementsAre("a stopped"));
}

TEST(SupervisorRequest, RestartsAndDeletesStoppedChildrenOnly) {
  SimulatedTree tree({.children = {worker("a"), worker("b")}});
  running(tree).restart_child("a");
  tree.delete_child("a");
  tree.restart_child("c");
  tree.delete_child("c");
  tree.terminate_child("a");
  tree.restart_child("a");
  tree.terminate_child("b");
  tree.delete_child("b");
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("reply 1 running", "reply 2 running", "reply 3 not_found", "reply 4 not_found", "shutdown a",
                          "exit a shutdown", "reply 5 ok", "start a", "progress a", "reply 6 ok started", "shutdown b",
                          "exit b shutdown", "reply 7 ok", "reply 8 ok"));
  EXPECT_THAT(states(tree), ElementsAre("a running"));
}

TEST(SupervisorRequest, TellsWhyAChildCouldNotBeRestartedByHand) {
  SimulatedTree tree({.children = {worker("a")}});
  tree.behaviour("a").starts = {StartOutcome::up(), StartOutcome::fails("bad")};
  running(tree).terminate_child("a");
  tree.restart_child("a");
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("shutdown a", "exit a shutdown", "reply 1 ok", "start a bad", "reply 2 start_failed bad"));
  EXPECT_THAT(states(tree), ElementsAre("a stopped")) << "and it is not tried again";
}

TEST(SupervisorRequest, WaitsInALineWithAnEnd) {
  Supervisor supervisor("root", {.children = {worker("a")}}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  for (std::size_t i = 0; i < Supervisor::most_waiting_requests; ++i)
    ASSERT_THAT(supervisor.handle(request::DeleteChild{RequestId(i + 1), "x"}, Instant{}), IsEmpty());
  const Commands commands = supervisor.handle(request::DeleteChild{RequestId(~0ULL), "x"}, Instant{});
  EXPECT_EQ(std::get<command::Reply>(commands.at(0)).refusal, Refusal::overloaded);
  EXPECT_EQ(supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, Instant{}).size(),
            Supervisor::most_waiting_requests + 2)
      << "the replies, progress and Started";
}

TEST(SupervisorReload, KeepsWhatRunsUnderItsNewSpec) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c")}});
  running(tree).reload({.flags = {.strategy = Strategy::rest_for_one, .intensity = 7},
                        .children = {worker("new"), worker("c", Restart::transient), worker("a", Restart::temporary)}});
  tree.settle();
  EXPECT_THAT(tree.take_log(), ElementsAre("reply 1 ok")) << "nothing is started or stopped";
  EXPECT_THAT(states(tree), ElementsAre("new stopped", "c running", "a running", "b running"));
  EXPECT_EQ(tree.root().flags().intensity, 7);
  EXPECT_EQ(tree.root().get_childspec("a")->restart, Restart::temporary);
  EXPECT_EQ(tree.root().get_childspec("b")->restart, Restart::permanent);
  tree.exit("c", boom);
  tree.settle();
  EXPECT_THAT(tree.take_log(),
              ElementsAre("exit c boom", "report child_terminated c boom", "shutdown b", "exit b shutdown",
                          "shutdown a", "exit a shutdown", "start c", "progress c", "start b", "progress b"))
      << "in the new order, and a is temporary now";
}

TEST(SupervisorReload, RefusesAFaultySpecAndChangesNothing) {
  Supervisor supervisor("root", {.children = {worker("a")}}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  supervisor.handle(ChildStarted{StartId(1), ChildRef(1)}, Instant{});
  const auto refused = [&](SupervisorSpec spec) {
    const Commands commands = supervisor.handle(request::Reload{RequestId(1), std::move(spec)}, Instant{});
    const auto& reply = std::get<command::Reply>(commands.at(0));
    EXPECT_EQ(reply.refusal, Refusal::bad_spec);
    return reply.why;
  };
  EXPECT_THAT(refused({.children = {worker("b"), worker("b")}}), HasSubstr("root/b: two children have this id"));
  EXPECT_THAT(refused({.flags = {.strategy = Strategy::simple_one_for_one}, .children = {worker("a")}}),
              HasSubstr("cannot become simple_one_for_one"));
  EXPECT_EQ(supervisor.count_children().specs, 1U);
}

TEST(SupervisorReload, EndsTheRestartsOfWhatIsTemporaryNow) {
  SimulatedTree tree({.flags = {.intensity = 5, .backoff = resilience::Backoff{1s, 1s}}, .children = {worker("a")}});
  running(tree).exit("a", boom);
  tree.reload({.flags = {.intensity = 5}, .children = {worker("a", Restart::temporary)}});
  tree.pass(10s);
  EXPECT_FALSE(tree.runs("a"));
  EXPECT_EQ(tree.timers(), 0U);
  EXPECT_THAT(states(tree), IsEmpty());
}

TEST(SupervisorIntrospection, CountsSpecsActiveSupervisorsAndWorkers) {
  SimulatedTree tree({.children = {worker("a", Restart::transient), worker("b"), supervisor("c", {})}});
  running(tree);
  EXPECT_EQ(tree.root().count_children(), (ChildCounts{.specs = 3, .active = 3, .supervisors = 1, .workers = 2}));
  tree.exit("a", ExitReason::normal());
  tree.settle();
  EXPECT_EQ(tree.root().count_children(), (ChildCounts{.specs = 3, .active = 2, .supervisors = 1, .workers = 2}));
  tree.delete_child("a");
  tree.settle();
  EXPECT_EQ(tree.root().count_children(), (ChildCounts{.specs = 2, .active = 2, .supervisors = 1, .workers = 1}));
}

TEST(SupervisorIntrospection, KnowsADeadChildBeforeItsTurnComes) {
  SimulatedTree tree({.children = {worker("a"), worker("b")}});
  tree.behaviour("b").on_shutdown = OnShutdown::ignores();
  running(tree).terminate_child("b");
  tree.settle();
  tree.exit("a", boom);
  tree.settle();
  EXPECT_EQ(tree.root().count_children().active, 1U) << "b, which takes its time";
}

TEST(SupervisorIntrospection, ShowsEachChildWithItsRestartsAndLastReason) {
  SimulatedTree tree({.flags = {.strategy = Strategy::rest_for_one, .intensity = 5},
                      .children = {worker("a"), worker("b"), worker("c", Restart::transient)}});
  running(tree).exit("b", boom);
  tree.settle();
  tree.exit("c", ExitReason::normal());
  tree.settle();
  const Snapshot snapshot = tree.root().snapshot(10);
  EXPECT_EQ(snapshot.name, "root");
  EXPECT_EQ(snapshot.strategy, Strategy::rest_for_one);
  EXPECT_EQ(snapshot.left_out, 0U);
  ASSERT_EQ(snapshot.children.size(), 3U);
  EXPECT_EQ(snapshot.children[0].restarts, 0U);
  EXPECT_EQ(snapshot.children[0].last_reason, std::nullopt);
  EXPECT_EQ(snapshot.children[1].name, "b");
  EXPECT_EQ(snapshot.children[1].state, ChildState::running);
  EXPECT_EQ(snapshot.children[1].restarts, 1U);
  EXPECT_EQ(snapshot.children[1].last_reason, boom);
  EXPECT_EQ(snapshot.children[2].state, ChildState::stopped);
  EXPECT_EQ(snapshot.children[2].restarts, 1U);
  EXPECT_EQ(snapshot.children[2].last_reason, ExitReason::normal());
}

TEST(SupervisorIntrospection, ShowsNoMoreChildrenThanItIsAskedFor) {
  SimulatedTree tree({.children = {worker("a"), worker("b"), worker("c")}});
  const Snapshot snapshot = running(tree).root().snapshot(2);
  EXPECT_EQ(snapshot.children.size(), 2U);
  EXPECT_EQ(snapshot.left_out, 1U);
  EXPECT_EQ(snapshot.counts.specs, 3U);
}

TEST(SupervisorIntrospection, TellsWhatShouldRunAndDoesNot) {
  SimulatedTree tree(
      {.flags = {.intensity = 9, .backoff = resilience::Backoff{1s, 1s, resilience::Backoff::Jitter::equal}},
       .children = {worker("a"), worker("b", Restart::transient), worker("c", Restart::transient),
                    worker("d", Restart::temporary), worker("e")}});
  const auto missing = [&tree](std::size_t most = 9) {
    std::vector<std::string> ids;
    for (const auto& child : tree.root().missing_children(most)) ids.push_back(child.name);
    return ids;
  };
  EXPECT_THAT((running(tree), missing()), IsEmpty());
  tree.exit("b", ExitReason::normal());
  tree.exit("d", boom);
  tree.settle();
  EXPECT_THAT(missing(), IsEmpty()) << "they have ended for good";
  for (const auto* id : {"a", "c"}) tree.exit(id, boom);
  tree.terminate_child("e");
  tree.settle();
  EXPECT_THAT(missing(), ElementsAre("a", "c", "e"));
  EXPECT_THAT(missing(2), ElementsAre("a", "c"));
  EXPECT_EQ(tree.root().missing_children(1).at(0).state, ChildState::backing_off);
  tree.pass(1s);
  EXPECT_THAT(missing(), ElementsAre("e")) << "nobody starts again what was terminated";
}

TEST(SupervisorIntrospection, FindsNoSpecOfWhatIsNoChild) {
  SimulatedTree tree({.children = {worker("a")}});
  EXPECT_EQ(running(tree).root().get_childspec("b"), nullptr);
}

TEST(SupervisorReport, IsALineInOtpsWords) {
  Supervisor supervisor("order/workers", {.children = {worker("settling")}}, [] { return 0U; });
  supervisor.handle(Start{}, Instant{});
  const Commands up = supervisor.handle(ChildStarted{StartId(1), ChildRef(17)}, Instant{});
  EXPECT_EQ(to_text(std::get<Progress>(up.at(0))),
            "supervisor=order/workers started ref=17 id=settling restart=permanent shutdown=5s type=worker");
  const Commands down = supervisor.handle(ChildExited{ChildRef(17), boom}, Instant{});
  EXPECT_EQ(to_text(std::get<Report>(down.at(0))),
            "supervisor=order/workers context=child_terminated reason=boom ref=17 id=settling restart=permanent "
            "shutdown=5s type=worker");
}

}  // namespace
}  // namespace troupe::supervision
