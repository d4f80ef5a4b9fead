#include "tests/engine/tree_fixture.hpp"

// The lane of a store in the supervision tree: what it had is refused or unknown, as it is, and it comes back.
namespace troupe::engine::rooms {

using ::testing::Contains;
using ::testing::IsEmpty;

class AStorageLane : public ATree {
 protected:
  static constexpr const char* path = "hotel/storage/room";

  void crash(const std::string& what) {
    store.crash(what);
    world.advance(10ms);
  }
  TreeNode lane() { return at(at("hotel", "storage"), "room"); }
  void backs_off(const std::string& where, Duration wait) {
    adjusted[where] = {.intensity = 5, .backoff = resilience::Backoff{wait, wait, resilience::Backoff::Jitter::equal}};
  }
};

TEST_P(AStorageLane, RefusesWhatWaitedAndComesBack) {
  engine.start();
  const std::string other = name_in([](auto shard) { return shard != Key("a").shard_hash() % shards; });
  warm("a");
  store.held = true;
  const auto entering = begin<Enter>("a");
  const auto elsewhere = begin<Enter>(other);
  world.advance(10ms);
  crash("the shelf has fallen");
  for (const auto& asked : {entering, elsewhere}) {
    ASSERT_TRUE(asked->has_value());
    EXPECT_EQ((*asked)->failure().code, failure_code::unavailable);
    EXPECT_TRUE((*asked)->not_executed());
  }
  store.release();
  EXPECT_EQ(ask<Enter>("a")->count, 1U);
  EXPECT_EQ(in_memory("a"), 1U) << "neither the entity nor its shard has ended";
  const TreeNode row = lane();
  EXPECT_EQ(row.kind, ChildType::worker);
  EXPECT_EQ(row.state, ChildState::running);
  EXPECT_EQ(row.restarts, 1U);
  EXPECT_EQ(row.last_reason, "the shelf has fallen");
  EXPECT_EQ(at("hotel", "room").children.at(0).restarts, 0U);
  EXPECT_THAT(reports.lines, ElementsAre(HasSubstr("the shelf has fallen")));
}

TEST_P(AStorageLane, LeavesUnknownWhatWasUnderWay) {
  for (const bool is_kept : {false, true}) {
    const std::string name = is_kept ? "kept" : "lost";
    if (!is_kept) engine.start();
    warm(name);
    store.keep_unknown = is_kept;
    store.crashes_at_commit = "the pen has broken";
    const auto entered = ask<Enter>(name);
    EXPECT_EQ(entered.failure().code, failure_code::commit_unknown);
    EXPECT_TRUE(entered.unknown());
    world.advance(10ms);
    EXPECT_EQ(ask<Get>(name)->count, is_kept ? 1U : 0U) << "it is read anew";
    world.advance(10s);
  }
  EXPECT_EQ(lane().restarts, 2U);
}

TEST_P(AStorageLane, RefusesReadsWhileItIsAway) {
  backs_off("hotel/storage", 10s);
  engine.start();
  crash("the shelf has fallen");
  const auto got = ask<Get>("a");
  EXPECT_EQ(got.failure().code, failure_code::unavailable);
  EXPECT_TRUE(got.not_executed());
  EXPECT_EQ(lane().state, ChildState::backing_off);
  world.advance(20s);
  EXPECT_TRUE(ask<Get>("a").ok());
}

TEST_P(AStorageLane, IsKilledByItsPath) {
  engine.start();
  ASSERT_TRUE(ask<Enter>("a").ok());
  kill(path);
  EXPECT_EQ(ask<Enter>("a")->count, 2U);
  EXPECT_EQ(lane().last_reason, "killed");
  EXPECT_THAT(store.lanes_ended, ElementsAre(LaneEnd::at_once));
}

TEST_P(AStorageLane, EscalatesWithOneRestartMoreThanIsBorne) {
  engine.start();
  warm("a");
  crash("once");
  world.advance(4s);
  EXPECT_EQ(at("hotel", "storage").restarts, 0U);
  crash("twice");
  EXPECT_EQ(at("hotel", "storage").restarts, 1U) << "two within five seconds";
  EXPECT_EQ(in_memory("a"), 1U) << "to the supervisor of lanes, and no further";
  EXPECT_TRUE(ask<Enter>("a").ok());
}

TEST_P(AStorageLane, BearsCrashesThatAreFarEnoughApart) {
  engine.start();
  for (int i = 0; i < 20; ++i) {
    crash("again");
    world.advance(6s);
  }
  EXPECT_EQ(lane().restarts, 20U);
  EXPECT_EQ(at("hotel", "storage").restarts, 0U);
  EXPECT_EQ(store.lanes_begun, 20U);
}

TEST_P(AStorageLane, EndsTheNodeWhereItDoesNotComeBack) {
  engine.start();
  store.refuses_to_begin = "the archive is gone";
  crash("the shelf has fallen");
  EXPECT_THAT(reports.gave_up_for, ElementsAre("shutdown"));
  EXPECT_THAT(reports.lines, Contains(::testing::AllOf(HasSubstr("start_error"), HasSubstr("the archive is gone"))));
}

TEST_P(AStorageLane, IsAsPatientAsItsPathSays) {
  backs_off(path, 1s);
  engine.start();
  store.refuses_to_begin = "the archive is locked";
  crash("the shelf has fallen");
  world.advance(3s);
  EXPECT_TRUE(ask<Enter>("a").not_executed());
  store.refuses_to_begin.clear();
  world.advance(2s);
  EXPECT_TRUE(ask<Enter>("a").ok());
  EXPECT_THAT(reports.gave_up_for, IsEmpty());
  const TreeNode own = at(at("hotel", "storage"), "room");
  EXPECT_EQ(own.kind, ChildType::supervisor) << "one that has flags has a supervisor of its own";
  EXPECT_EQ(own.restarts, 0U);
  EXPECT_GE(at(own, "room").restarts, 1U);
}

TEST_P(AStorageLane, EndsBehindTheShardsAndBeginsBeforeThem) {
  adjusted["hotel"] = {.strategy = Strategy::one_for_all};
  adjusted["hotel/room"] = {.intensity = 0};
  engine.start();
  const std::string other = name_in([](auto shard) { return shard != Key("a").shard_hash() % shards; });
  warm("a");
  store.held = true;
  const auto entering = begin<Enter>("a");
  world.advance(10ms);
  kill(path_of(other));
  EXPECT_THAT(store.lanes_ended, IsEmpty()) << "a shard waits for its commit";
  EXPECT_TRUE(store.lane_is_up());
  store.release();
  world.advance(10ms);
  EXPECT_TRUE(entering->has_value() && (*entering)->ok());
  EXPECT_THAT(store.lanes_ended, ElementsAre(LaneEnd::when_done));
  EXPECT_EQ(store.lanes_begun, 1U);
  EXPECT_EQ(ask<Get>("a")->count, 1U);
  EXPECT_THAT(reports.lines, ::testing::Not(Contains(HasSubstr("start_error"))));
}

TEST_P(AStorageLane, IsOneWhereItsSupervisorDies) {
  engine.start();
  ASSERT_TRUE(ask<Enter>("a").ok());
  kill("hotel/storage");
  EXPECT_EQ(ask<Enter>("a")->count, 2U);
  EXPECT_EQ(lane().state, ChildState::running);
  crash("the shelf has fallen");
  EXPECT_EQ(ask<Enter>("a")->count, 3U) << "and its next life is watched";
  EXPECT_EQ(lane().restarts, 1U);
}

TEST_P(AStorageLane, EndsInOrderWithItsNode) {
  engine.start();
  ASSERT_TRUE(ask<Enter>("a").ok());
  EXPECT_TRUE(engine.stop(10s));
  EXPECT_THAT(store.lanes_ended, ElementsAre(LaneEnd::when_done));
  EXPECT_THAT(reports.lines, IsEmpty());
}

TEST_P(AStorageLane, MayCrashWhenItsEngineHasGone) {
  engine.start();
  warm("a");
  engine.stop(0ms);
  crash("too late");
}

INSTANTIATE_TEST_SUITE_P(Loops, AStorageLane, ::testing::Values(1U, 3U));

}  // namespace troupe::engine::rooms
