#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"
#include "tests/engine/requests.hpp"
#include "tests/engine/scripted_store.hpp"

// A shard that is stopped, as its supervisor does, and opened again: nobody waits for ever, and nobody is lied to.
namespace troupe::engine::tills {
namespace {

using namespace std::chrono_literals;

struct Sum {
  std::uint32_t cents = 0;
};
struct Get {
  using Reply = Sum;
  static constexpr auto effect = Effect::read;
};
struct Put {
  using Reply = Sum;
  std::uint32_t cents = 0;
};
/// Takes its time before it puts it.
struct PutSlowly {
  using Reply = Sum;
  std::uint32_t cents = 0;
};
struct PutCommitAndWait {
  using Reply = Done;
  std::uint32_t cents = 0;
};
/// Puts it into another till, then waits.
struct PutElsewhereAndWait {
  using Reply = Done;
  std::string other;
};
struct BlockAndWait {
  using Reply = Done;
};
struct ReadSlowly {
  using Reply = Sum;
  static constexpr auto effect = Effect::read;
};

using Api = Protocol<"till", Get, Put, PutSlowly, PutCommitAndWait, PutElsewhereAndWait, BlockAndWait, ReadSlowly>;

struct State {
  std::uint32_t cents = 0;
};

class Till : public Entity<Api, State> {
 public:
  Task<Sum> on(Get) const { co_return Sum{state().cents}; }
  Task<Sum> on(Put m) {
    edit().cents += m.cents;
    co_return Sum{state().cents};
  }
  Task<Sum> on(PutSlowly m) {
    co_await pause(1s);
    edit().cents += m.cents;
    co_return Sum{state().cents};
  }
  Task<Done> on(PutCommitAndWait m) {
    edit().cents += m.cents;
    co_await commit();
    edit().cents = 0;
    co_await pause(1s);
    co_return Done{};
  }
  Task<Done> on(PutElsewhereAndWait m) {
    static_cast<void>(co_await actor<Api>(Key(m.other)).ask<Put>(7U));
    co_await pause(1s);
    co_return Done{};
  }
  Task<Done> on(BlockAndWait) {
    static_cast<void>(co_await blocking([] { return 1; }));
    co_await pause(1s);
    co_return Done{};
  }
  Task<Sum> on(ReadSlowly) const {
    co_await pause(1s);
    co_return Sum{state().cents};
  }
};

template <class M, class... F>
Task<ReplyOf<M>> asking(std::string name, F... fields) {
  co_return co_await actor<Api>(Key(name)).template ask<M>(std::move(fields)...);
}

class AShardThatStops : public ::testing::TestWithParam<std::size_t> {
 protected:
  using Turns = Shard::RunningTurns;
  template <class M>
  using Asked = Pending<ReplyOf<M>>;

  void SetUp() override {
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    host = &engine.host(entity_type<Till>(), &store);
    engine.start();
    shard = host->shard_of(Key("a").shard_hash());
    for (char letter = 'b'; other.empty(); ++letter) {
      const std::string name(1, letter);
      if (host->shard_of(Key(name).shard_hash()) != shard) other = name;
    }
  }
  void TearDown() override { store.close(); }

  template <class M, class... F>
  Asked<M> begin(const std::string& name, F... fields) {
    return begin_request(engine, asking<M>(name, std::move(fields)...));
  }
  template <class M, class... F>
  Outcome<ReplyOf<M>> ask(const std::string& name, F... fields) {
    return end_of(world, begin<M>(name, std::move(fields)...));
  }
  template <class M>
  const Failure& failure_of(const Asked<M>& asked) {
    EXPECT_TRUE(world.run_until([&] { return asked->has_value(); }, 1h));
    EXPECT_FALSE((*asked)->ok());
    return (*asked)->failure();
  }
  void stop(Turns turns) {
    shard->loop().call([this, turns] { shard->stop(turns, [this] { ++stopped; }); });
    world.advance(1ms);
  }
  void open() {
    shard->loop().call([this] { shard->open(); });
    world.advance(1ms);
  }
  void expect_given_back(const Failure& failure) {
    EXPECT_EQ(failure.code, failure_code::unavailable) << failure.detail;
    EXPECT_TRUE(failure.not_executed()) << failure.detail;
  }
  void expect_unknown(const Failure& failure) {
    EXPECT_EQ(failure.code, failure_code::unavailable) << failure.detail;
    EXPECT_TRUE(failure.unknown()) << failure.detail;
  }

  loop::Simulation world{7, GetParam()};
  NoReports reports;
  ScriptedStore store{world.workers()};
  Engine engine{world, reports};
  Host* host = nullptr;
  Shard* shard = nullptr;  ///< of "a"
  std::string other;       ///< a name in another shard
  int stopped = 0;
};

TEST_P(AShardThatStops, RefusesWhatComesUntilItIsOpenedAgain) {
  ASSERT_TRUE(ask<Put>("a", 5U).ok());
  stop(Turns::end);
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(shard->phase(), Shard::Phase::stopped);
  expect_given_back(ask<Get>("a").failure());
  expect_given_back(ask<Put>("a", 1U).failure());
  EXPECT_TRUE(ask<Put>(other, 1U).ok()) << "the other shards go on";
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 5U) << "read from the store again";
}

TEST_P(AShardThatStops, KeepsNothingInMemory) {
  ASSERT_TRUE(ask<Put>("a", 5U).ok());
  const auto loads = store.loads;
  stop(Turns::end);
  EXPECT_EQ(shard->counters().activations.load(), 0U);
  open();
  ASSERT_TRUE(ask<Get>("a").ok());
  EXPECT_EQ(store.loads, loads + 1);
}

TEST_P(AShardThatStops, GivesBackWhatWaitsAndLetsATurnEnd) {
  const auto running = begin<PutSlowly>("a", 5U);
  const auto waiting = begin<Put>("a", 1U);
  world.advance(10ms);
  stop(Turns::end);
  EXPECT_EQ(stopped, 0);
  expect_given_back(failure_of<Put>(waiting));
  expect_given_back(ask<Put>("a", 1U).failure());
  world.advance(2s);
  ASSERT_TRUE(running->has_value() && (*running)->ok());
  EXPECT_EQ(stopped, 1);
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 5U);
}

TEST_P(AShardThatStops, CutsATurnWithoutTrace) {
  const auto running = begin<PutSlowly>("a", 5U);
  const auto reading = begin<ReadSlowly>("a");
  world.advance(10ms);
  stop(Turns::are_cut);
  EXPECT_EQ(stopped, 1);
  expect_given_back(failure_of<PutSlowly>(running));
  expect_given_back(failure_of<ReadSlowly>(reading));
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 0U);
}

TEST_P(AShardThatStops, TellsWhatACutTurnMayHaveDone) {
  const auto committed = begin<PutCommitAndWait>("a", 5U);
  world.advance(10ms);
  stop(Turns::are_cut);
  expect_unknown(failure_of<PutCommitAndWait>(committed));
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 5U) << "what came after its commit has left no trace";

  const auto asked = begin<PutElsewhereAndWait>("a", other);
  world.advance(10ms);
  stop(Turns::are_cut);
  expect_unknown(failure_of<PutElsewhereAndWait>(asked));
  EXPECT_EQ(ask<Get>(other)->cents, 7U);
  open();

  const auto blocked = begin<BlockAndWait>("a");
  world.advance(10ms);
  stop(Turns::are_cut);
  expect_unknown(failure_of<BlockAndWait>(blocked));
}

TEST_P(AShardThatStops, CutsTurnsThatItLetRunWhenItIsToldAgain) {
  const auto running = begin<PutSlowly>("a", 5U);
  world.advance(10ms);
  stop(Turns::end);
  EXPECT_EQ(stopped, 0);
  stop(Turns::are_cut);
  EXPECT_EQ(stopped, 2) << "both are told";
  expect_given_back(failure_of<PutSlowly>(running));
}

TEST_P(AShardThatStops, AwaitsTheCommitThatIsOnItsWay) {
  ASSERT_TRUE(ask<Put>("a", 1U).ok());
  store.held = true;
  const auto putting = begin<Put>("a", 5U);
  world.advance(10ms);
  stop(Turns::are_cut);
  world.advance(1s);
  EXPECT_EQ(stopped, 0) << "nobody knows yet what is stored";
  EXPECT_EQ(shard->phase(), Shard::Phase::stopping);
  store.release();
  world.advance(10ms);
  EXPECT_EQ(stopped, 1);
  ASSERT_TRUE(putting->has_value() && (*putting)->ok()) << "it was done, and so its caller is told";
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 6U);
}

TEST_P(AShardThatStops, CutsATurnBehindTheCommitInItsMiddle) {
  ASSERT_TRUE(ask<Put>("a", 1U).ok());
  store.held = true;
  const auto putting = begin<PutCommitAndWait>("a", 5U);
  world.advance(10ms);
  stop(Turns::are_cut);
  EXPECT_EQ(stopped, 0);
  store.release();
  world.advance(10ms);
  EXPECT_EQ(stopped, 1);
  expect_unknown(failure_of<PutCommitAndWait>(putting));
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 6U);
}

TEST_P(AShardThatStops, AwaitsAStateThatIsBeingRead) {
  const auto putting = begin<Put>("a", 5U);
  // One step at a time, until the load is on its way and nothing else.
  ASSERT_TRUE(world.run_until([&] { return store.loads == 1; }, 1s));
  shard->loop().call([this] { shard->stop(Turns::are_cut, [this] { ++stopped; }); });
  expect_given_back(failure_of<Put>(putting));
  ASSERT_TRUE(world.run_until([&] { return stopped == 1; }, 1s));
  EXPECT_EQ(shard->counters().activations.load(), 0U);
  open();
  EXPECT_EQ(ask<Get>("a")->cents, 0U);
}

TEST_P(AShardThatStops, IsStoppedAtOnceWhereNothingRuns) {
  stop(Turns::end);
  EXPECT_EQ(stopped, 1);
  stop(Turns::are_cut);
  EXPECT_EQ(stopped, 2) << "it is stopped already";
}

INSTANTIATE_TEST_SUITE_P(Loops, AShardThatStops, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::tills
