#include <troupe/engine/sweeps.hpp>
#include "tests/engine/tree_fixture.hpp"

// Workers in the supervision tree, and the sweeps, which are some.
namespace troupe::engine::rooms {
namespace {

class ATreeOfWorkers : public ATree {};

TEST_P(ATreeOfWorkers, StartsInOrderAndStopsInReverse) {
  Puppet porter{log, "porter"};
  Puppet cook{log, "cook"};
  add(porter);
  add(cook);
  engine.start();
  EXPECT_THAT(log, ElementsAre("porter starts", "cook starts"));
  log.clear();
  EXPECT_TRUE(engine.stop(1h));
  EXPECT_THAT(log, ElementsAre("cook ends", "porter ends"));
  EXPECT_TRUE(reports.lines.empty());
  EXPECT_TRUE(reports.gave_up_for.empty());
}

TEST_P(ATreeOfWorkers, StartsAWorkerThatFailedAgain) {
  Puppet porter{log, "porter"};
  add(porter);
  engine.start();
  engine.loop(0).call([&] { porter.ended(ExitReason::error("no luggage left")); });
  world.advance(10ms);
  EXPECT_EQ(porter.lives, 2);
  const TreeNode node = at(at("hotel", "workers"), "porter");
  EXPECT_EQ(node.restarts, 1U);
  EXPECT_EQ(node.last_reason, "no luggage left");
  EXPECT_THAT(reports.lines, ElementsAre(HasSubstr("no luggage left")));
}

TEST_P(ATreeOfWorkers, DoesNotStartAtAllWhereAWorkerDoesNot) {
  Puppet porter{log, "porter"};
  Puppet cook{log, "cook", "there is no kitchen"};
  add(porter);
  add(cook);
  try {
    engine.start();
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("there is no kitchen"));
  }
}

TEST_P(ATreeOfWorkers, EscalatesWhereARestartFailsAgainAndAgain) {
  Puppet porter{log, "porter"};
  add(porter);
  engine.start();
  porter.refuses = "there is no lift";
  engine.loop(0).call([&] { porter.ended(ExitReason::error("no luggage left")); });
  world.advance(100ms);
  EXPECT_THAT(reports.gave_up_for, ElementsAre("shutdown")) << "nothing could be started again, up to the root";
}

TEST_P(ATreeOfWorkers, RefusesTwoWorkersOfOneName) {
  Puppet one{log, "porter"};
  Puppet two{log, "porter"};
  add(one);
  add(two);
  EXPECT_THROW(engine.start(), std::invalid_argument);
}

Task<Done> run_of(int& runs, const std::string& fails) {
  ++runs;
  if (!fails.empty()) throw std::runtime_error(fails);
  co_return Done{};
}

TEST_P(ATreeOfWorkers, RunsASweepThatCrashedAgainAfterItsTime) {
  int runs = 0;
  std::string fails;
  Sweeps sweeps(engine, "node", [](const auto&, const auto&) { ADD_FAILURE() << "it is no failure, it crashes"; });
  sweeps.add(Domain::sweep_of<Api>("cleaning", 10s, [&](Share<Api>) { return run_of(runs, fails); }));
  engine.start();
  world.advance(1min);
  EXPECT_EQ(runs, 0) << "they wait for the node";
  sweeps.start();
  world.advance(1ms);
  EXPECT_EQ(runs, 1);
  fails = "the broom is broken";
  world.advance(11s);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(at(at("hotel", "workers"), "cleaning").restarts, 1U);
  EXPECT_EQ(at(at("hotel", "workers"), "cleaning").last_reason, "the broom is broken");
  fails.clear();
  world.advance(11s);
  EXPECT_EQ(runs, 3);
  engine.stop(0ms);
}

INSTANTIATE_TEST_SUITE_P(Loops, ATreeOfWorkers, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::rooms
