#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/requests.hpp"
#include "tests/engine/scripted_store.hpp"

// A row that is damaged: its entity can't come into memory, and all others go on.
namespace troupe::engine::ledgers {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Sum {
  std::int64_t value = 0;
};
struct Get {
  using Reply = Sum;
  static constexpr auto effect = Effect::read;
};
struct Add {
  using Reply = Sum;
  std::int64_t value = 0;
};
/// Throws, so that the entity is made anew.
struct Tear {
  using Reply = Done;
};
using Api = Protocol<"ledger", Get, Add, Tear>;

struct State {
  std::int64_t sum = 0;
};

class Ledger : public Entity<Api, State> {
 public:
  Task<Sum> on(Get) const { co_return Sum{state().sum}; }
  Task<Sum> on(Add m) {
    edit().sum += m.value;
    co_return Sum{state().sum + m.value};
  }
  Task<Done> on(Tear) { throw std::runtime_error("it was torn"); }
};

struct Reports final : Reporter {
  std::vector<std::string> crashes;
  std::size_t ended = 0;
  void crashed(const CrashReport& report) override {
    crashes.push_back(report.key.to_string() + ' ' + std::string(report.message) + ' ' +
                      std::to_string(report.crashes) + (report.is_looping ? " looping: " : ": ") +
                      std::string(report.what));
  }
  void crash_loop_ended(std::string_view, const Key&) override { ++ended; }
  void trouble(std::string_view what) override { ADD_FAILURE() << what; }
  void supervised(const supervision::Report& report) override { ADD_FAILURE() << to_text(report); }
};

template <class M>
Task<ReplyOf<M>> asking(std::string name) {
  co_return co_await actor<Api>(Key(name)).template ask<M>();
}

/// All of them in one shard.
class ADamagedRow : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    host = &engine.host(entity_type<Ledger>(), &store, {.shards = 1});
    store.rows[Key("damaged")] = {.version = 7, .layout = 1, .body = "{\"sum\":", .rows = {}};
    store.rows[Key("sound")] = {.version = 7, .layout = 1, .body = "{\"sum\":3}", .rows = {}};
    engine.start();
  }
  void TearDown() override { store.close(); }

  template <class M>
  Outcome<ReplyOf<M>> ask(const std::string& name) {
    return end_of(world, begin_request(engine, asking<M>(name), engine.loop_count() - 1));
  }
  std::string code_of(const std::string& name) {
    const auto outcome = ask<Get>(name);
    EXPECT_TRUE(outcome.ok() || outcome.not_executed());
    return outcome.ok() ? "ok" : outcome.failure().code;
  }
  void mend() { store.rows[Key("damaged")].body = "{\"sum\":5}"; }

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  Engine engine{world, reports};
  Host* host = nullptr;
};

TEST_P(ADamagedRow, IsACrashOfItsEntityAndOfNoOther) {
  EXPECT_EQ(code_of("damaged"), failure_code::actor_crashed);
  EXPECT_EQ(ask<Get>("sound")->value, 3);
  EXPECT_TRUE(ask<Add>("new").ok());
  ASSERT_EQ(reports.crashes.size(), 1U);
  EXPECT_THAT(reports.crashes.front(), HasSubstr("damaged Get 1: "));
  EXPECT_EQ(host->shards().front()->phase(), Shard::Phase::running);
}

TEST_P(ADamagedRow, IsToldOfByTheStoreThatFindsIt) {
  store.next_loads = {StoreStatus::corrupt};
  EXPECT_EQ(code_of("sound"), failure_code::actor_crashed);
  EXPECT_THAT(reports.crashes, ElementsAre("sound Get 1: as scripted"));
  EXPECT_EQ(code_of("sound"), "ok") << "the next one reads it anew";
}

TEST_P(ADamagedRow, KeepsMessagesAwayOnceItHasCrashedOften) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code_of("damaged"), failure_code::actor_crashed);
  const auto loads = store.loads;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(code_of("damaged"), failure_code::crash_looping);
  EXPECT_EQ(store.loads, loads);
  EXPECT_EQ(reports.crashes.size(), 5U) << "a client must not be able to fill the log";
  std::vector<CrashLoopingEntity> listed;
  host->shards().front()->crash_records().list_looping(listed, 10);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].key, Key("damaged"));
  EXPECT_THAT(listed[0].last_reason, HasSubstr("its state can't be had: "));
  EXPECT_EQ(code_of("sound"), "ok");
}

TEST_P(ADamagedRow, IsReadAgainWhenItIsMended) {
  EXPECT_EQ(code_of("damaged"), failure_code::actor_crashed);
  mend();
  EXPECT_EQ(ask<Get>("damaged")->value, 5) << "at once";
}

TEST_P(ADamagedRow, IsTriedFromTimeToTimeWhileItLoops) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code_of("damaged"), failure_code::actor_crashed);
  world.advance(1s);
  EXPECT_EQ(code_of("damaged"), failure_code::actor_crashed) << "the try";
  EXPECT_EQ(code_of("damaged"), failure_code::crash_looping);
  mend();
  world.advance(2s);
  EXPECT_EQ(ask<Get>("damaged")->value, 5);
  EXPECT_EQ(reports.ended, 1U);
  EXPECT_TRUE(ask<Add>("damaged").ok());
}

TEST_P(ADamagedRow, IsFoundByAnEntityThatIsMadeAnewAfterACrash) {
  ASSERT_EQ(code_of("sound"), "ok");
  store.rows[Key("sound")].body = "half a row";
  EXPECT_FALSE(ask<Tear>("sound").ok());
  world.advance(10ms);
  ASSERT_EQ(reports.crashes.size(), 2U);
  EXPECT_EQ(reports.crashes[0], "sound Tear 1: it was torn");
  EXPECT_THAT(reports.crashes[1], HasSubstr("sound  2: ")) << "nobody waited for it";
  EXPECT_EQ(code_of("sound"), failure_code::actor_crashed);
}

TEST_P(ADamagedRow, LeavesMemoryWhenNobodyAsksForIt) {
  EXPECT_EQ(code_of("damaged"), failure_code::actor_crashed);
  const auto& counters = host->shards().front()->counters();
  EXPECT_EQ(counters.activations, 1U);
  world.advance(10min);
  EXPECT_EQ(counters.activations, 0U);
}

TEST_P(ADamagedRow, IsNoMatterOfAStoreThatIsAwayForAWhile) {
  store.next_loads = {StoreStatus::unavailable};
  EXPECT_EQ(code_of("sound"), failure_code::unavailable);
  EXPECT_EQ(code_of("sound"), "ok");
  EXPECT_THAT(reports.crashes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Loops, ADamagedRow, ::testing::Values(1U, 2U));

}  // namespace troupe::engine::ledgers
