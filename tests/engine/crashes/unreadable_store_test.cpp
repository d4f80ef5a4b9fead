#include "tests/engine/tree_fixture.hpp"

// A shard whose store can't be read does not start, and that escalates.
namespace troupe::engine::rooms {

class ATreeWithoutItsStore : public ATree {
 protected:
  /// The next reads fail.
  void lose_store(std::size_t reads) { store.next_loads.assign(reads, StoreStatus::unavailable); }
};

TEST_P(ATreeWithoutItsStore, EscalatesUntilTheNodeGivesUp) {
  engine.start();
  lose_store(1000);
  kill(path_of("a"));
  world.advance(10ms);
  EXPECT_THAT(reports.gave_up_for, ElementsAre("shutdown"));
  EXPECT_THAT(reports.lines, ::testing::Contains(::testing::AllOf(
                                 HasSubstr("start_error"), HasSubstr("its storage can't be read: as scripted"))));
}

TEST_P(ATreeWithoutItsStore, IsPatientWhereItsSupervisorBacksOff) {
  SupervisorFlags flags;
  flags.intensity = 5;
  flags.backoff = resilience::Backoff{1s, 10s, resilience::Backoff::Jitter::equal};
  adjusted["hotel/room"] = flags;
  engine.start();
  lose_store(2);
  kill(path_of("a"));
  for (int i = 0; i < 2; ++i) {
    world.advance(1s);
    EXPECT_TRUE(ask<Get>("a").not_executed());
  }
  world.advance(10s);
  EXPECT_TRUE(ask<Get>("a").ok());
  EXPECT_TRUE(reports.gave_up_for.empty());
  EXPECT_EQ(at("hotel", "room").restarts, 0U);
}

TEST_P(ATreeWithoutItsStore, TakesOneThatIsTooBusyForOneThatWorks) {
  engine.start();
  store.next_loads = {StoreStatus::overloaded};
  kill(path_of("a"));
  EXPECT_TRUE(ask<Get>("a").ok());
  EXPECT_EQ(at("hotel", "room").children.at(0).restarts, 1U);
}

TEST_P(ATreeWithoutItsStore, ReadsItOnceForManyShardsThatStartTogether) {
  engine.start();
  kill("hotel/room");
  EXPECT_EQ(at("hotel", "room").children.at(0).running, shards);
  EXPECT_EQ(store.loads, 1U);
}

TEST_P(ATreeWithoutItsStore, ReadsNothingBeforeItsFirstLife) {
  lose_store(1);
  engine.start();
  EXPECT_EQ(store.loads, 0U) << "the node has just opened it";
}

INSTANTIATE_TEST_SUITE_P(Loops, ATreeWithoutItsStore, ::testing::Values(1U, 3U));

}  // namespace troupe::engine::rooms
