#include "tests/engine/tree_fixture.hpp"

// The supervision tree as the engine carries it out: shards that die come back as the rules say.
namespace troupe::engine::rooms {
namespace {

TEST_P(ATree, HasTheNodeItsDomainsTheirProtocolsAndWorkers) {
  Puppet porter{log, "porter"};
  add(porter);
  engine.start();
  const TreeNode root = tree();
  EXPECT_EQ(root.name, "node");
  EXPECT_EQ(root.kind, ChildType::supervisor);
  EXPECT_EQ(root.strategy, Strategy::one_for_one);
  EXPECT_EQ(root.state, ChildState::running);
  ASSERT_EQ(root.children.size(), 1U);
  const TreeNode& hotel = root.children[0];
  EXPECT_EQ(hotel.name, "hotel");
  ASSERT_EQ(hotel.children.size(), 3U);
  const TreeNode& storage = hotel.children[0];
  EXPECT_EQ(storage.name, "storage");
  EXPECT_EQ(at(storage, "room").kind, ChildType::worker) << "the lane of its store";
  const TreeNode& room = hotel.children[1];
  EXPECT_EQ(room.name, "room");
  ASSERT_EQ(room.children.size(), 1U) << "shards are one row";
  EXPECT_EQ(room.children[0].kind, ChildType::shard);
  EXPECT_EQ(room.children[0].count, shards);
  EXPECT_EQ(room.children[0].running, shards);
  const TreeNode& workers = hotel.children[2];
  EXPECT_EQ(workers.name, "workers");
  EXPECT_EQ(at(workers, "porter").kind, ChildType::worker);
  EXPECT_FALSE(at(workers, "porter").strategy);
}

TEST_P(ATree, BringsAKilledShardBackWithWhatItHadStored) {
  engine.start();
  ASSERT_TRUE(ask<Enter>("a").ok());
  kill(path_of("a"));
  EXPECT_EQ(in_memory("a"), 0U);
  EXPECT_EQ(ask<Get>("a")->count, 1U);
  const TreeNode row = at("hotel", "room").children.at(0);
  EXPECT_EQ(row.restarts, 1U);
  EXPECT_EQ(row.running, shards);
  EXPECT_EQ(row.last_reason, "killed");
  EXPECT_THAT(reports.lines, ElementsAre(HasSubstr("child_terminated")));
}

TEST_P(ATree, LetsTheOtherShardsGoOn) {
  engine.start();
  const std::string other = name_in([](auto shard) { return shard != Key("a").shard_hash() % shards; });
  warm(other);
  kill(path_of("a"));
  EXPECT_EQ(in_memory(other), 1U);
}

TEST_P(ATree, TellsWhoeverWaitedForAShardThatNothingWasDone) {
  engine.start();
  const auto running = begin<EnterSlowly>("a");
  const auto waiting = begin<Enter>("a");
  world.advance(10ms);
  kill(path_of("a"));
  for (const auto& asked : {running, waiting}) {
    ASSERT_TRUE(asked->has_value());
    EXPECT_EQ((*asked)->failure().code, failure_code::unavailable);
    EXPECT_TRUE((*asked)->not_executed());
  }
  EXPECT_EQ(ask<Get>("a")->count, 0U);
}

TEST_P(ATree, LoadsNothingBeforeTheCommitOfTheLifeBeforeIsDecided) {
  engine.start();
  warm("a");
  store.held = true;
  const auto entering = begin<Enter>("a");
  world.advance(10ms);
  kill(path_of("a"));
  const auto loads = store.loads;
  EXPECT_EQ(ask<Get>("a").failure().code, failure_code::unavailable) << "it is on its way down";
  EXPECT_EQ(store.loads, loads);
  store.release();
  world.advance(10ms);
  ASSERT_TRUE(entering->has_value() && (*entering)->ok());
  EXPECT_EQ(ask<Get>("a")->count, 1U);
}

TEST_P(ATree, KeepsThatWhereTheSupervisorDies) {
  engine.start();
  warm("a");
  store.held = true;
  const auto entering = begin<Enter>("a");
  world.advance(10ms);
  kill("hotel/room");
  const auto loads = store.loads;
  EXPECT_EQ(ask<Get>("a").failure().code, failure_code::unavailable);
  EXPECT_EQ(store.loads, loads) << "the next life waits for the one before";
  store.release();
  world.advance(10ms);
  ASSERT_TRUE(entering->has_value() && (*entering)->ok());
  EXPECT_EQ(ask<Get>("a")->count, 1U);
  EXPECT_EQ(at("hotel", "room").restarts, 1U);
  EXPECT_EQ(at("hotel", "room").children.at(0).running, shards);
}

TEST_P(ATree, EscalatesWithOneRestartMoreThanIsBorne) {
  engine.start();
  const std::string other = name_in([](auto shard) { return shard != Key("a").shard_hash() % shards; });
  warm(other);
  kill(path_of("a"));
  world.advance(4s);
  EXPECT_EQ(at("hotel", "room").restarts, 0U);
  kill(path_of("a"));
  EXPECT_EQ(at("hotel", "room").restarts, 1U) << "two within five seconds: its supervisor gave up and is new";
  EXPECT_EQ(in_memory(other), 0U) << "all shards went with it";
  EXPECT_TRUE(ask<Get>("a").ok() && ask<Get>(other).ok());
  EXPECT_THAT(reports.lines, ::testing::Contains(HasSubstr("reached_max_restart_intensity")));
  EXPECT_TRUE(reports.gave_up_for.empty());
}

TEST_P(ATree, BearsDeathsThatAreFarEnoughApart) {
  engine.start();
  for (int i = 0; i < 20; ++i) {
    kill(path_of("a"));
    world.advance(6s);
  }
  EXPECT_EQ(at("hotel", "room").restarts, 0U);
  EXPECT_EQ(at("hotel", "room").children.at(0).restarts, 20U);
}

TEST_P(ATree, GivesUpAtItsRoot) {
  engine.start();
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(reports.gave_up_for.empty()) << i;
    kill(path_of("a"));
  }
  EXPECT_THAT(reports.gave_up_for, ElementsAre("shutdown"));
  EXPECT_EQ(ask<Get>("a").failure().code, failure_code::unavailable);
  EXPECT_TRUE(ask<Get>("a").not_executed());
}

TEST_P(ATree, RestartsAllShardsWhereItsStrategySaysSo) {
  adjusted["hotel/room"] = {.strategy = Strategy::one_for_all};
  engine.start();
  const std::string other = name_in([](auto shard) { return shard != Key("a").shard_hash() % shards; });
  warm(other);
  kill(path_of("a"));
  EXPECT_EQ(in_memory(other), 0U);
  EXPECT_TRUE(ask<Get>(other).ok());
  EXPECT_EQ(at("hotel", "room").children.at(0).running, shards);
}

TEST_P(ATree, RestartsTheShardsBehindWhereItsStrategySaysSo) {
  adjusted["hotel/room"] = {.strategy = Strategy::rest_for_one};
  engine.start();
  const std::string before = name_in([](auto shard) { return shard < 3; });
  const std::string behind = name_in([](auto shard) { return shard > 3; });
  warm(before);
  warm(behind);
  kill("hotel/room/3");
  EXPECT_EQ(in_memory(before), 1U);
  EXPECT_EQ(in_memory(behind), 0U);
}

TEST_P(ATree, WaitsBeforeARestartWhereABackoffIsGiven) {
  SupervisorFlags flags;
  flags.backoff = resilience::Backoff{1s, 10s, resilience::Backoff::Jitter::equal};
  adjusted["hotel/room"] = flags;
  engine.start();
  kill(path_of("a"));
  EXPECT_EQ(at("hotel", "room").children.at(0).state, ChildState::backing_off);
  EXPECT_EQ(at("hotel", "room").children.at(0).running, shards - 1);
  EXPECT_TRUE(ask<Get>("a").not_executed());
  world.advance(1s);
  EXPECT_TRUE(ask<Get>("a").ok());
}

TEST_P(ATree, KnowsNothingOfAPathThatIsNotThere) {
  engine.start();
  for (const std::string path : {"motel", "hotel/room/99", "hotel/room/0/0", "hotel/workers/porter"}) {
    bool killed = true;
    engine.loop(0).call([&] { killed = engine.kill(path); });
    world.advance(1ms);
    EXPECT_FALSE(killed) << path;
  }
}

/// Shards die while all are asked; whoever asks hears of it, and what was answered is there.
TEST_P(ATree, LosesNoAskAndNoAnswerWhileItsShardsDie) {
  SupervisorFlags flags;
  flags.intensity = 1'000;
  adjusted["hotel/room"] = flags;
  engine.start();
  std::map<std::string, std::uint32_t> entered;
  std::vector<std::pair<std::string, Asked<Enter>>> asked;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 16; ++i) {
      const std::string name = "n" + std::to_string((round * 7 + i) % 40);
      asked.emplace_back(name, begin<Enter>(name));
    }
    engine.loop(0).call([this, round] { engine.kill("hotel/room/" + std::to_string(round % shards)); });
    world.advance(round % 3 == 0 ? 5ms : 0ms);
  }
  ASSERT_TRUE(world.run_until(
      [&] { return std::ranges::all_of(asked, [](const auto& each) { return each.second->has_value(); }); }, 1min));
  std::size_t refused = 0;
  for (const auto& [name, outcome] : asked) {
    if ((*outcome)->ok()) {
      ++entered[name];
    } else {
      EXPECT_EQ((*outcome)->failure().code, failure_code::unavailable) << (*outcome)->failure().detail;
      EXPECT_TRUE((*outcome)->not_executed()) << "no turn did anything that would stay";
      ++refused;
    }
  }
  EXPECT_GT(refused, 0U);
  world.advance(1s);
  for (const auto& [name, count] : entered) EXPECT_EQ(ask<Get>(name)->count, count) << name;
}

INSTANTIATE_TEST_SUITE_P(Loops, ATree, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::rooms
