#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/requests.hpp"
#include "tests/engine/scripted_store.hpp"

// An entity that crashes again and again: it is kept from messages, and nobody else is.
namespace troupe::engine::lamps {
namespace {

using namespace std::chrono_literals;

struct Light {
  using Reply = Done;
};
/// Breaks off after a while.
struct Flicker {
  using Reply = Done;
};
struct Lit {
  std::uint32_t times = 0;
};
struct Get {
  using Reply = Lit;
  static constexpr auto effect = Effect::read;
};

using Api = Protocol<"lamp", Light, Flicker, Get>;

struct State {
  std::uint32_t times = 0;
};

class Lamp : public Entity<Api, State> {
 public:
  explicit Lamp(std::shared_ptr<const bool> broken) : broken_(std::move(broken)) {}

  Task<Done> on(Light) {
    ++edit().times;
    if (*broken_) throw std::runtime_error("it went out");
    co_return Done{};
  }
  Task<Done> on(Flicker) {
    co_await pause(100ms);
    throw std::runtime_error("it flickered");
  }
  Task<Lit> on(Get) const { co_return Lit{state().times}; }

 private:
  std::shared_ptr<const bool> broken_;
};

struct Reports final : Reporter {
  std::vector<std::uint64_t> crashes;
  std::vector<bool> looping;
  std::size_t ended = 0;
  void crashed(const CrashReport& report) override {
    crashes.push_back(report.crashes);
    looping.push_back(report.is_looping);
  }
  void crash_loop_ended(std::string_view, const Key&) override { ++ended; }
  void trouble(std::string_view) override {}
};

template <class M>
Task<ReplyOf<M>> asking(std::string name) {
  co_return co_await actor<Api>(Key(name)).template ask<M>();
}

class ACrashLoopingEntity : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    host = &engine.host(entity_type<Lamp>(broken), &store);
    engine.start();
  }
  void TearDown() override { store.close(); }

  template <class M>
  Pending<ReplyOf<M>> begin(const std::string& name) {
    return begin_request(engine, asking<M>(name));
  }
  template <class M>
  Outcome<ReplyOf<M>> ask(const std::string& name) {
    return end_of(world, begin<M>(name));
  }
  std::string code_of(const std::string& name) {
    const auto outcome = ask<Light>(name);
    EXPECT_TRUE(outcome.ok() || outcome.not_executed());
    return outcome.ok() ? "ok" : outcome.failure().code;
  }
  void break_it(const std::string& name) {
    *broken = true;
    for (int i = 0; i < 5; ++i) ASSERT_EQ(code_of(name), failure_code::actor_crashed);
  }
  std::uint64_t looping() const {
    std::uint64_t total = 0;
    for (const auto& shard : host->shards()) total += shard->crash_records().looping();
    return total;
  }
  std::vector<CrashLoopingEntity> listed(std::size_t limit = 100) const {
    std::vector<CrashLoopingEntity> entities;
    for (const auto& shard : host->shards()) shard->crash_records().list_looping(entities, limit);
    return entities;
  }

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  std::shared_ptr<bool> broken = std::make_shared<bool>(false);
  Engine engine{world, reports};
  Host* host = nullptr;
};

TEST_P(ACrashLoopingEntity, IsRefusedWhatItIsAskedAtOnce) {
  break_it("a");
  world.advance(1ms);
  const auto before = store.loads;
  const auto refused = ask<Light>("a");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().code, failure_code::crash_looping);
  EXPECT_TRUE(refused.not_executed());
  EXPECT_THAT(refused.failure().detail, ::testing::HasSubstr("lamp/a has crashed 5 times"));
  EXPECT_EQ(ask<Get>("a").failure().code, failure_code::crash_looping) << "reads too";
  EXPECT_EQ(store.loads, before);
  EXPECT_EQ(reports.crashes, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(reports.looping, (std::vector<bool>{false, false, false, false, true}));
}

TEST_P(ACrashLoopingEntity, LeavesTheOthersAlone) {
  break_it("a");
  for (const std::string name : {"b", "c", "d"}) EXPECT_TRUE(ask<Get>(name).ok());
  *broken = false;
  for (const std::string name : {"b", "c", "d"}) EXPECT_TRUE(ask<Light>(name).ok());
  EXPECT_EQ(code_of("a"), failure_code::crash_looping);
}

TEST_P(ACrashLoopingEntity, IsTriedAfterABackoffUntilATrySucceeds) {
  break_it("a");
  world.advance(1s);
  EXPECT_EQ(code_of("a"), failure_code::actor_crashed) << "the try";
  EXPECT_EQ(code_of("a"), failure_code::crash_looping);
  *broken = false;
  EXPECT_EQ(code_of("a"), failure_code::crash_looping) << "nobody knows it yet";
  world.advance(2s);
  EXPECT_EQ(code_of("a"), "ok");
  EXPECT_EQ(code_of("a"), "ok");
  EXPECT_EQ(ask<Get>("a")->times, 2U) << "nothing of the crashed turns is left";
  EXPECT_EQ(reports.ended, 1U);
  EXPECT_EQ(looping(), 0U);
}

TEST_P(ACrashLoopingEntity, AnswersWhatWaitedInItsQueue) {
  *broken = true;
  for (int i = 0; i < 4; ++i) ASSERT_EQ(code_of("a"), failure_code::actor_crashed);
  const auto last = begin<Flicker>("a");
  const auto waiting = begin<Light>("a");
  ASSERT_TRUE(world.run_until([&] { return waiting->has_value(); }, 1h));
  EXPECT_EQ((*last)->failure().code, failure_code::actor_crashed);
  EXPECT_EQ((*waiting)->failure().code, failure_code::crash_looping);
}

TEST_P(ACrashLoopingEntity, IsListedWithItsLastReason) {
  EXPECT_TRUE(listed().empty());
  break_it("a");
  ASSERT_EQ(listed().size(), 1U);
  const auto entity = listed().front();
  EXPECT_EQ(entity.protocol, "lamp");
  EXPECT_EQ(entity.key, Key("a"));
  EXPECT_EQ(entity.crashes, 5U);
  EXPECT_EQ(entity.since, world.wall_time());
  EXPECT_EQ(entity.last_reason, "Light: it went out");
  break_it("b");
  EXPECT_EQ(looping(), 2U);
  EXPECT_EQ(listed(1).size(), 1U);
}

TEST_P(ACrashLoopingEntity, IsForgottenWithItsActivation) {
  break_it("a");
  world.advance(10min);
  EXPECT_EQ(looping(), 0U) << "it has left the memory";
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(code_of("a"), failure_code::actor_crashed) << "and is counted from nothing";
  EXPECT_EQ(reports.crashes.back(), 1U);
}

TEST_P(ACrashLoopingEntity, IsNoneThatCrashesNowAndThen) {
  *broken = true;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(code_of("a"), failure_code::actor_crashed);
    world.advance(3s);
  }
  EXPECT_EQ(looping(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Loops, ACrashLoopingEntity, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::lamps
