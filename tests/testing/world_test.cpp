#include <troupe/testing/world.hpp>

#include <gtest/gtest.h>

#include "tests/testing/counter.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using namespace counter;

const Uuid ada{1, 2};

Task<Done> add_one(Share<Api>) {
  co_await actor<Api>(Key("swept")).ask<Add>(1);
  co_return Done{};
}

Task<Done> refuse(Share<Api>) { co_return Rejected{"not_today"}; }

std::string path_of(Uuid id) { return "/counters/" + to_text(id); }

TEST(World, RunsSweepsAtTheStartAndAgain) {
  World world;
  world.add(counter::domain().sweep<Api>("count", 1min, &add_one)).start();
  world.advance(10min + 30s);
  EXPECT_EQ((world.ask<Api, Read>(Key("swept"))->sum), 11);
  world.restart();
  world.advance(30s);
  EXPECT_EQ((world.ask<Api, Read>(Key("swept"))->sum), 12);
}

TEST(World, LeavesSweepsToTheTestThatAsksForIt) {
  World world;
  world.add(counter::domain().sweep<Api>("count", 1min, &add_one)).without_sweeps().start();
  world.advance(10min);
  EXPECT_EQ((world.ask<Api, Read>(Key("swept"))->sum), 0);
  EXPECT_TRUE(world.run(add_one({})).ok());
  EXPECT_EQ((world.ask<Api, Read>(Key("swept"))->sum), 1);
}

TEST(World, HandlesOneMessageAtATime) {
  World world;
  world.add(counter::domain()).start();
  ASSERT_TRUE((world.ask<Api, Add>(Key("a"), 5).ok()));
  const auto first = world.begin<Api, Add>(Key("a"), 1);
  const auto second = world.begin<Api, Add>(Key("a"), 2);
  while (!first->has_value()) ASSERT_TRUE(world.step());
  EXPECT_FALSE(second->has_value()) << "it waits for the first, and for steps of its own";
  while (!second->has_value()) ASSERT_TRUE(world.step());
  EXPECT_EQ((**second)->sum, 8);
  while (world.step()) {
  }
  EXPECT_FALSE(world.step()) << "only time brings more";
}

TEST(World, LetsACrashFallBetweenAnyTwoSteps) {
  bool finished = false;
  for (int steps = 0; !finished; ++steps) {
    World world;
    world.add(counter::domain()).start();
    ASSERT_TRUE((world.ask<Api, Add>(Key("a"), 5).ok()));
    const auto passed = world.begin<Api, Pass>(Key("a"), std::string("b"));
    for (int i = 0; i < steps; ++i) finished = !world.step();
    const bool answered = passed->has_value();
    world.restart();
    world.advance(1min);
    const auto left = world.ask<Api, Read>(Key("a"))->sum;
    const auto arrived = world.ask<Api, Read>(Key("b"))->sum;
    EXPECT_EQ(left + arrived, 5) << "after " << steps << " steps";
    if (answered) {
      EXPECT_EQ(arrived, 5) << "after " << steps << " steps";
    }
  }
}

TEST(World, ReportsASweepThatFails) {
  World world;
  world.add(counter::domain().sweep<Api>("refuse", 1h, &refuse)).start();
  world.advance(1min);
  ASSERT_EQ(world.reports().size(), 1U);
  EXPECT_EQ(world.reports()[0], "the sweep refuse failed: not_today ");
}

TEST(World, DeliversWhatIsSent) {
  World world;
  world.add<counter::Declaration>().start();
  ASSERT_TRUE((world.ask<Api, Add>(Key("a"), 5).ok()));
  ASSERT_TRUE((world.ask<Api, Pass>(Key("a"), std::string("b")).ok()));
  world.restart();
  world.advance(1min);
  EXPECT_EQ((world.ask<Api, Read>(Key("a"))->sum), 0);
  EXPECT_EQ((world.ask<Api, Read>(Key("b"))->sum), 5) << "also across a restart, and once";
}

TEST(World, RunsAsksAtTheSameTime) {
  World world(3);
  world.add<counter::Declaration>().start();
  std::vector<World::Pending<Total>> pending;
  for (int i = 0; i < 20; ++i) pending.push_back(world.begin<Api, Add>(Key("a"), 1));
  for (const auto& each : pending) EXPECT_TRUE(world.end(each).ok());
  EXPECT_EQ((world.ask<Api, Read>(Key("a"))->sum), 20);
}

TEST(World, LosesWhatIsUnderWayAtARestart) {
  World world;
  world.add<counter::Declaration>().start();
  const auto pending = world.begin<Api, Add>(Key("a"), 1);
  world.restart();
  EXPECT_EQ((world.ask<Api, Read>(Key("a"))->sum), 0) << "it had not begun";
  EXPECT_THROW(static_cast<void>(world.end(pending)), std::runtime_error);
}

TEST(World, AnswersHttpAsTheGatewayDoes) {
  World world;
  world.add<counter::Declaration>().start();
  const Uuid id{5, 6};
  EXPECT_EQ(world.http("POST", path_of(id) + "/additions", {}, R"({"amount":4})").status, 401);
  const auto added = world.http("POST", path_of(id) + "/additions", {world.token(ada, "customer")}, R"({"amount":4})");
  EXPECT_EQ(added.status, 200) << added.body;
  const auto shown = world.http("GET", path_of(id));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.header("Content-Type"), "application/json");
  EXPECT_NE(shown.body.find(R"("sum":4)"), std::string::npos) << shown.body;
  EXPECT_EQ(world.http("DELETE", path_of(id)).status, 405);
  EXPECT_EQ(world.http("GET", "/nowhere").status, 404);
}

TEST(World, KeepsIdempotencyKeysBesideADomain) {
  World world;
  world.add<counter::Declaration>().start();
  const Uuid id{5, 6};
  const std::vector<Header> headers{world.token(ada, "customer"), {"Idempotency-Key", "once"}};
  const auto first = world.http("POST", path_of(id) + "/additions", headers, R"({"amount":4})");
  ASSERT_EQ(first.status, 200) << first.body;
  world.restart();
  const auto again = world.http("POST", path_of(id) + "/additions", headers, R"({"amount":4})");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ((world.ask<Api, Read>(Key(id))->sum), 4);
}

TEST(World, GivesTheSameRunForTheSameSeed) {
  const auto run = [](std::uint64_t seed) {
    World world(seed);
    world.add<counter::Declaration>().start();
    std::vector<World::Pending<Total>> pending;
    for (int i = 0; i < 8; ++i) pending.push_back(world.begin<Api, Add>(Key("a"), i));
    std::vector<std::int64_t> sums;
    for (const auto& each : pending) sums.push_back(world.end(each)->sum);
    return sums;
  };
  EXPECT_EQ(run(42), run(42));
}

TEST(World, ShowsWhatIsAtRestAndHoldsCommits) {
  World world;
  world.add(counter::domain()).start();
  auto& store = world.store("counter");
  EXPECT_FALSE(store.find(Key("a")).has_value());
  store.hold_commits();
  const auto pending = world.begin<Api, Add>(Key("a"), 5);
  world.advance(1s);
  EXPECT_FALSE(pending->has_value());
  EXPECT_TRUE(store.entities().empty());
  store.release_commits();
  EXPECT_TRUE(world.end(pending).ok());
  EXPECT_EQ(store.commits(), 1U);
  EXPECT_NE(store.find(Key("a"))->body->find(R"("sum":5)"), std::string::npos);
  EXPECT_THROW(world.store("nothing"), std::invalid_argument);
}

TEST(World, LosesHeldCommitsAtARestart) {
  World world;
  world.add(counter::domain()).start();
  world.store("counter").hold_commits();
  const auto pending = world.begin<Api, Add>(Key("a"), 5);
  world.advance(1s);
  world.restart();
  world.store("counter").release_commits();
  EXPECT_EQ((world.ask<Api, Read>(Key("a"))->sum), 0);
}

TEST(World, StartsFromWhatAnEarlierVersionLeft) {
  World world;
  world.add(counter::domain()).start();
  ASSERT_TRUE((world.ask<Api, Add>(Key("a"), 5).ok()));
  auto body = *world.store("counter").find(Key("a"))->body;
  body.replace(body.find(R"("sum":5)"), 7, R"("sum":7)");
  world.store("counter").rewrite(Key("a"), body);
  world.restart();
  EXPECT_EQ((world.ask<Api, Read>(Key("a"))->sum), 7);
}

TEST(World, FailsTheCommitThatItIsTold) {
  World world;
  world.add(counter::domain()).attempts(1).start();
  auto& store = world.store("counter");
  store.let_commits_pass(1);
  store.fail_next_commit(CommitFault::full);
  EXPECT_TRUE((world.ask<Api, Add>(Key("a"), 1).ok()));
  EXPECT_TRUE((world.ask<Api, Add>(Key("a"), 1).not_executed()));
  store.fail_next_commit(CommitFault::full);
  EXPECT_TRUE(store.forgive());
  EXPECT_FALSE(store.forgive());
  EXPECT_TRUE((world.ask<Api, Add>(Key("a"), 1).ok()));
}

TEST(World, GivesAsksTheDeadlineThatItIsTold) {
  World world;
  world.add(counter::domain()).start();
  world.store("counter").hold_commits();
  const auto before = world.now();
  EXPECT_TRUE((world.deadline(100ms).ask<Api, Add>(Key("a"), 1).unknown()));
  EXPECT_LT(world.now() - before, 1s);
}

TEST(World, RefusesToBeUsedBeforeItsStart) {
  World world;
  world.add<counter::Declaration>();
  EXPECT_THROW((world.ask<Api, Read>(Key("a"))), std::logic_error);
}

}  // namespace
}  // namespace troupe::testing
