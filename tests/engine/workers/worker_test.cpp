#include "tests/engine/workers/worker_fixture.hpp"

// The life of a worker that a domain declares: how it starts, runs and ends.
namespace troupe::engine::rooms::porter {
namespace {

TEST_P(AWorker, StartsWithTheNodeAndRunsWhenThatIsReady) {
  script.start = Part::returns;
  employ();
  engine.start();
  EXPECT_THAT(script.log, ElementsAre("start begins", "start ends"));
  world.advance(1min);
  EXPECT_EQ(script.log.size(), 2U) << "it runs only when the node is ready";
  workers.begin();
  world.advance(1min);
  EXPECT_EQ(script.log.back(), "run begins");
  EXPECT_EQ(node().state, ChildState::running);
  EXPECT_EQ(node().restarts, 0U);
}

TEST_P(AWorker, KeepsTheNodeFromStartingWhereItDoesNot) {
  script.start = Part::throws;
  employ();
  EXPECT_EQ(refusal(), "the supervision tree does not start: hotel/workers/porter: no uniform for its start");
  EXPECT_EQ(script.living, 0);
  EXPECT_TRUE(reports.gave_up_for.empty());
}

TEST_P(AWorker, KeepsTheNodeFromStartingWhereItsStartIsNoCoroutineAndThrows) {
  script.start = Part::throws_at_once;
  employ();
  EXPECT_THAT(refusal(), HasSubstr("no uniform for its start"));
}

TEST_P(AWorker, KeepsTheNodeFromStartingWhereItCantBeMade) {
  script.make = Part::throws;
  employ();
  EXPECT_THAT(refusal(), HasSubstr("no porter is to be had"));
}

TEST_P(AWorker, KeepsTheNodeFromStartingWhereItsStartFails) {
  script.start = Part::fails;
  employ();
  EXPECT_THAT(refusal(), HasSubstr("timeout: nobody opens"));
}

TEST_P(AWorker, KeepsTheNodeFromStartingWhereItsStartNeverEnds) {
  script.start = Part::never_ends;
  employ();
  const Instant before = engine.loop(0).now();
  EXPECT_EQ(refusal(), "the supervision tree does not start: hotel/workers/porter: timeout");
  EXPECT_LT(engine.loop(0).now() - before, 11s);
  EXPECT_THAT(script.log, ElementsAre("start begins", "start is cut", "is gone"));
}

TEST_P(AWorker, StopsWhatHadStartedBeforeOneThatDoesNot) {
  Puppet cook{log, "cook"};
  add(cook);
  script.start = Part::throws;
  employ();
  EXPECT_THAT(refusal(), HasSubstr("no uniform"));
  EXPECT_THAT(log, ElementsAre("cook starts", "cook ends"));
}

TEST_P(AWorker, IsMadeAnewWhereItsRunThrows) {
  script.run = Part::throws;
  employ();
  start();
  ASSERT_TRUE(tell<Carry>().ok());
  script.run = Part::never_ends;
  world.advance(1s);
  EXPECT_EQ(script.lives, 2);
  EXPECT_EQ(script.living, 1);
  EXPECT_EQ(node().last_reason, "no uniform for its run");
  EXPECT_EQ(tell<Count>()->carried, 0U) << "nothing of the life before is left";
}

TEST_P(AWorker, HasCrashedWhereItsRunFails) {
  script.run = Part::fails;
  employ();
  start();
  script.run = Part::never_ends;
  world.advance(1s);
  EXPECT_EQ(node().restarts, 1U);
  EXPECT_EQ(node().last_reason, "timeout: nobody opens");
}

TEST_P(AWorker, EscalatesWhereItThrowsAgainAndAgain) {
  script.run = Part::throws_at_once;
  employ();
  start();
  world.advance(1s);
  EXPECT_THAT(reports.gave_up_for, ElementsAre("shutdown"));
  EXPECT_EQ(script.living, 0);
}

TEST_P(AWorker, IsTriedAgainWhereARestartNeverEnds) {
  employ();
  start();
  script.start = Part::never_ends;
  kill("hotel/workers/porter");
  world.advance(25s);
  EXPECT_EQ(script.lives, 4) << "each has ten seconds";
  EXPECT_EQ(script.living, 1);
  EXPECT_TRUE(tell<Count>().not_executed()) << "it is not up";
  script.start = Part::returns;
  world.advance(10s);
  EXPECT_TRUE(tell<Count>().ok());
  EXPECT_TRUE(reports.gave_up_for.empty()) << "so far apart, these failures are borne";
}

TEST_P(AWorker, ThatIsPermanentIsStartedAgainWhereItEndsNormally) {
  script.run = Part::returns;
  employ(Restart::permanent);
  start();
  world.advance(1s);
  EXPECT_THAT(reports.gave_up_for, ElementsAre("shutdown")) << "it ends at once, whenever it is started";
}

TEST_P(AWorker, ThatIsTransientStaysAwayWhereItEndsNormally) {
  script.run = Part::returns;
  employ(Restart::transient);
  start();
  world.advance(1s);
  EXPECT_EQ(script.lives, 1);
  EXPECT_EQ(script.living, 0);
  EXPECT_EQ(node().state, ChildState::stopped);
  EXPECT_TRUE(reports.lines.empty());
  const auto asked = tell<Count>();
  ASSERT_TRUE(asked.not_executed());
  EXPECT_EQ(asked.failure().code, failure_code::unavailable);
  EXPECT_EQ(asked.failure().detail, "the worker of porter has ended, or is being started again");
}

TEST_P(AWorker, ThatIsTransientIsStartedAgainWhereItCrashes) {
  script.run = Part::throws;
  employ(Restart::transient);
  start();
  script.run = Part::never_ends;
  world.advance(1s);
  EXPECT_EQ(script.lives, 2);
}

TEST_P(AWorker, ThatIsTemporaryIsForgottenWhereItCrashes) {
  script.run = Part::throws;
  employ(Restart::temporary);
  start();
  world.advance(1s);
  EXPECT_EQ(script.lives, 1);
  EXPECT_EQ(script.living, 0);
  EXPECT_FALSE(has(at("hotel", "workers"), "porter"));
  EXPECT_THAT(reports.lines, ElementsAre(HasSubstr("no uniform for its run")));
}

TEST_P(AWorker, EndsInOrderWithTheNode) {
  script.stop = Part::returns;
  employ();
  start();
  const auto slow = begin<CarrySlowly>();
  world.advance(10ms);
  script.log.clear();
  EXPECT_TRUE(engine.stop(1h));
  ASSERT_TRUE(slow->has_value());
  EXPECT_TRUE((*slow)->ok()) << "what it was asked is answered";
  EXPECT_THAT(script.log, ElementsAre("carrying ends", "run is cut", "stop begins", "stop ends", "is gone"));
  EXPECT_TRUE(reports.lines.empty());
}

TEST_P(AWorker, IsReportedWhereItsStopThrows) {
  script.stop = Part::throws;
  employ();
  start();
  EXPECT_TRUE(engine.stop(1h));
  EXPECT_THAT(reports.lines, ElementsAre(::testing::AllOf(HasSubstr("shutdown_error"), HasSubstr("for its stop"))));
}

TEST_P(AWorker, IsCutWhereItsStopNeverEnds) {
  script.stop = Part::never_ends;
  employ();
  start();
  const Instant before = engine.loop(0).now();
  EXPECT_TRUE(engine.stop(1h));
  EXPECT_LT(engine.loop(0).now() - before, 6s);
  EXPECT_EQ(script.log.back(), "is gone");
  EXPECT_THAT(reports.lines, ElementsAre(::testing::AllOf(HasSubstr("shutdown_error"), HasSubstr("killed"))));
}

TEST_P(AWorker, IsNoReasonToWaitWhereANodeStops) {
  employ();
  start();
  const Instant before = engine.loop(0).now();
  EXPECT_TRUE(engine.stop(1h)) << "a run() that never ends is cut";
  EXPECT_LT(engine.loop(0).now() - before, 1s);
}

TEST_P(AWorker, DoesNothingByItselfAnyMoreOnceItIsQuiet) {
  employ();
  start();
  ASSERT_EQ(script.log.back(), "run begins");
  workers.quiesce();
  world.advance(1ms);
  EXPECT_EQ(script.log.back(), "run is cut");
  EXPECT_TRUE(tell<Carry>().ok());
}

TEST_P(AWorker, ComesBackWithItsSupervisorWhereThatIsKilled) {
  employ();
  start();
  kill("hotel/workers");
  world.advance(1s);
  EXPECT_EQ(script.lives, 2);
  EXPECT_EQ(script.living, 1);
  EXPECT_TRUE(tell<Carry>().ok());
}

TEST_P(AWorker, ObeysTheFlagsOfItsPath) {
  adjusted["hotel/workers/porter"].intensity = 20;
  script.run = Part::throws;
  employ();
  start();
  world.advance(100ms);
  EXPECT_GE(script.lives, 5) << "OTP's one restart in five seconds would not do";
  EXPECT_TRUE(reports.gave_up_for.empty());
}

TEST_P(AWorker, StandsOnTheNodeThatHasTheFirstShard) {
  auto type = worker_type<Porter, rooms::Api>(&script);
  type.one_per = OnePer::topology;
  workers.add("hotel", std::move(type));
  start();
  EXPECT_EQ(script.living, 1);
}

INSTANTIATE_TEST_SUITE_P(Loops, AWorker, ::testing::Values(1U, 2U));

class AGroupOfNodes : public ::testing::TestWithParam<OnePer> {
 protected:
  /// How many workers stand on a node that has these shards of the protocol.
  std::size_t standing_with(std::function<bool(std::uint32_t)> owns) {
    loop::Simulation world{7, 1};
    Reports reports;
    Script script;
    Engine engine{world, reports};
    Workers workers{engine, "node"};
    engine.host(entity_type<Room>(), nullptr, HostOptions{.shards = 4, .owns = std::move(owns), .domain = "hotel"});
    auto type = worker_type<Porter, rooms::Api>(&script);
    type.one_per = GetParam();
    workers.add("hotel", std::move(type));
    engine.start();
    world.advance(1ms);
    const int living = script.living;
    engine.stop(0ms);
    return static_cast<std::size_t>(living);
  }
};

TEST_P(AGroupOfNodes, HasAWorkerOnEachNodeOrOnOne) {
  EXPECT_EQ(standing_with([](auto shard) { return shard % 2 == 0; }), 1U);
  EXPECT_EQ(standing_with([](auto shard) { return shard % 2 == 1; }), GetParam() == OnePer::node ? 1U : 0U);
  EXPECT_EQ(standing_with([](auto) { return false; }), 0U);
}

INSTANTIATE_TEST_SUITE_P(Places, AGroupOfNodes, ::testing::Values(OnePer::node, OnePer::topology));

}  // namespace
}  // namespace troupe::engine::rooms::porter
