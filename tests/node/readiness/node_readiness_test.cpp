#include <troupe/node/readiness/node_readiness.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"
#include "tests/engine/scripted_store.hpp"
#include "tests/node/readiness/bell.hpp"

namespace troupe::node {
namespace readiness {

using namespace std::chrono_literals;
using observe::Check;
using observe::Health;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

namespace lamp {
struct Light {
  using Reply = Done;
};
using Api = Protocol<"lamp", Light>;
struct State {
  bool lit = false;
};
class Lamp : public Entity<Api, State> {
 public:
  Task<Done> on(Light) {
    edit().lit = true;
    co_return Done{};
  }
};
}  // namespace lamp

class ANode : public ::testing::Test {
 protected:
  static constexpr std::size_t loops = 3;

  ~ANode() override {
    engine_.stop(0ms);
    store_.close();
  }

  void start(std::uint32_t shards = 8) {
    engine_.host(entity_type<lamp::Lamp>(), &store_, {.shards = shards, .domain = "house"});
    engine_.host(entity_type<bell::Bell>(), nullptr, {.shards = 1, .domain = "house"});
    engine_.supervise("node", [this](const std::string& path) {
      return flags_.contains(path) ? std::optional(flags_[path]) : std::nullopt;
    });
    engine_.start();
    ReadinessSources sources;
    sources.trouble_of_node = [this] { return trouble_of_node_; };
    sources.trouble_of_loop = [this](std::size_t loop) {
      return stuck_loops_.contains(loop) ? std::optional(stuck_loops_[loop]) : std::nullopt;
    };
    sources.checks = [this] {
      ++looks_;
      return std::vector<Check>{{"storage lamp", Health::ok, std::nullopt}};
    };
    readiness_.emplace(engine_, nullptr, std::move(sources));
  }
  observe::Readiness ask() {
    std::optional<observe::Readiness> heard;
    engine_.loop(0).call([&] { readiness_->ask([&](observe::Readiness found) { heard = std::move(found); }); });
    EXPECT_TRUE(world_.run_until([&] { return heard.has_value(); }, 5s));
    return std::move(heard).value_or(observe::Readiness{});
  }
  /// A look that is new.
  observe::Readiness look() {
    world_.advance(100ms);
    return ask();
  }
  static Check check_of(const observe::Readiness& readiness, const std::string& name) {
    const auto found = std::ranges::find(readiness.checks, name, &Check::name);
    EXPECT_NE(found, readiness.checks.end()) << name;
    return found == readiness.checks.end() ? Check{} : *found;
  }
  static std::vector<std::string> failing(const observe::Readiness& readiness) {
    std::vector<std::string> lines;
    for (const auto& check : readiness.checks) {
      if (check.status == Health::failing) lines.push_back(check.name + ": " + check.detail.value_or(""));
    }
    return lines;
  }
  /// What fails below the supervisor of that path waits a second.
  void back_off(const std::string& path) {
    flags_[path].intensity = 100;
    flags_[path].backoff = resilience::Backoff{1s, 10s, resilience::Backoff::Jitter::equal};
  }
  void kill(const std::string& path) {
    bool killed = false;
    engine_.loop(0).call([&] { killed = engine_.kill(path); });
    world_.advance(10ms);
    ASSERT_TRUE(killed) << path;
  }

  std::map<std::string, supervision::SupervisorFlags> flags_;
  std::optional<std::string> trouble_of_node_;
  std::map<std::size_t, std::string> stuck_loops_;
  int looks_ = 0;
  engine::NoReports reports_;
  loop::Simulation world_{5, loops};
  engine::ScriptedStore store_{world_.workers()};
  engine::Engine engine_{world_, reports_};
  std::optional<NodeReadiness> readiness_;
};

TEST_F(ANode, IsReadyWhereAllAnswers) {
  start();
  const auto ready = ask();
  EXPECT_EQ(ready.status, Health::ok);
  EXPECT_THAT(ready.checks, Each(AllOf(Field(&Check::status, Health::ok), Field(&Check::detail, std::nullopt))));
  std::vector<std::string> names;
  for (const auto& check : ready.checks) names.push_back(check.name);
  EXPECT_THAT(names, ElementsAre("loop 0", "loop 1", "loop 2", "actors lamp", "actors bell", "supervision", "workers",
                                 "storage lamp", "node"));
}

TEST_F(ANode, AsksOneActorOfEachLoopThroughItsStorageHoweverManyShardsThereAre) {
  start(65'536);
  EXPECT_EQ(ask().status, Health::ok);
  EXPECT_EQ(store_.loads, loops);
}

TEST_F(ANode, IsNotReadyWhileAStorageHangsAndAsksThatNoSecondTime) {
  start();
  store_.loads_held = true;
  EXPECT_EQ(look().status, Health::ok) << "it may be slow";
  for (int i = 0; i < 3; ++i) {
    const auto hung = look();
    EXPECT_EQ(hung.status, Health::failing);
    ASSERT_THAT(failing(hung), ElementsAre(HasSubstr("actors lamp: loop 0: no answer for ")));
  }
  store_.release_loads();
  EXPECT_EQ(look().status, Health::ok);
  EXPECT_EQ(store_.loads, 2 * loops) << "those that hung, and those of the last look";
}

TEST_F(ANode, IsNotReadyWhileCommitsHangThoughReadsDoNot) {
  start();
  EXPECT_EQ(ask().status, Health::ok);
  store_.held = true;
  look();
  ASSERT_THAT(failing(look()), ElementsAre(HasSubstr("actors lamp: loop 0: no answer for ")));
  store_.release();
  EXPECT_EQ(look().status, Health::ok);
}

TEST_F(ANode, IsDegradedWhereItsStorageIsSlowForALookAndAnswersBeforeTheEndOfTheNext) {
  start();
  for (int i = 0; i < 3; ++i) {
    store_.loads_held = true;
    const auto slow = look();
    EXPECT_EQ(slow.status, Health::ok);
    const auto check = check_of(slow, "actors lamp");
    EXPECT_EQ(check.status, Health::degraded);
    EXPECT_THAT(check.detail.value_or(""), HasSubstr("loop 0: no answer for 1s"));
    store_.release_loads();
  }
  EXPECT_EQ(check_of(look(), "actors lamp").status, Health::ok);
}

TEST_F(ANode, LeavesItToTheStorageToTellWhyItTakesNoCommits) {
  start();
  store_.next_moves = {StoreStatus::full};
  EXPECT_EQ(ask().status, Health::ok);
}

TEST_F(ANode, TellsWhyAStorageCannotBeRead) {
  start();
  store_.next_loads = {StoreStatus::unavailable};
  EXPECT_THAT(failing(ask()), ElementsAre("actors lamp: loop 0: its storage can't be read: as scripted"));
  EXPECT_EQ(look().status, Health::ok);
}

TEST_F(ANode, IsNotReadyWhileAShardWaitsForItsRestart) {
  back_off("house/lamp");
  start();
  EXPECT_EQ(ask().status, Health::ok);
  kill("house/lamp/7");
  EXPECT_THAT(failing(look()), ElementsAre("supervision: house/lamp/7 is backing_off (killed)"));
  world_.advance(1s);
  EXPECT_EQ(look().status, Health::ok);
}

TEST_F(ANode, IsDegradedWhileAWorkerWaitsForItsRestart) {
  back_off("house/workers");
  start();
  kill("house/workers/outbox");
  const auto found = look();
  EXPECT_EQ(found.status, Health::ok) << "its messages are served";
  EXPECT_EQ(check_of(found, "supervision").status, Health::ok);
  EXPECT_EQ(check_of(found, "workers").status, Health::degraded);
  EXPECT_EQ(check_of(found, "workers").detail, "house/workers/outbox is backing_off (killed)");
  kill("house/workers");
  EXPECT_EQ(check_of(look(), "workers").status, Health::ok) << "its supervisor is started again at once";
  world_.advance(1s);
  EXPECT_EQ(check_of(look(), "workers").status, Health::ok);
}

TEST_F(ANode, IsNotReadyWhileADomainsSupervisorWaitsForItsRestart) {
  back_off("");
  start();
  kill("house");
  EXPECT_THAT(failing(look()), ElementsAre(HasSubstr("actors lamp: loop 0: its shard has been stopped"),
                                           HasSubstr("actors bell: loop 0: its shard has been stopped"),
                                           "supervision: house is backing_off (killed)"));
  world_.advance(1s);
  EXPECT_EQ(look().status, Health::ok);
}

TEST_F(ANode, IsReadyNoMoreWhenItsSupervisorsHaveGivenUp) {
  start();
  for (int i = 0; i < 2; ++i) kill("house");
  EXPECT_THAT(failing(look()), ::testing::Contains("supervision: the whole tree is stopped"));
}

TEST_F(ANode, NamesTenOfManyThatAreMissing) {
  back_off("house/lamp");
  start(32);
  for (int i = 0; i < 20; ++i) kill("house/lamp/" + std::to_string(i));
  const auto found = look();
  EXPECT_EQ(check_of(found, "workers").status, Health::ok);
  const std::string detail = *check_of(found, "supervision").detail;
  EXPECT_THAT(detail, HasSubstr("house/lamp/0 is backing_off (killed); house/lamp/1 "));
  EXPECT_TRUE(detail.ends_with("house/lamp/9 is backing_off (killed); and more")) << detail;
}

TEST_F(ANode, LooksOnceForAllWhoAskMeanwhileAndShortlyAfter) {
  start();
  store_.loads_held = true;
  std::size_t heard = 0;
  const auto ask_often = [&] {
    for (int i = 0; i < 1000; ++i) {
      engine_.loop(0).call([&] { readiness_->ask([&](const observe::Readiness&) { ++heard; }); });
    }
  };
  ask_often();
  world_.advance(10ms);
  EXPECT_EQ(heard, 0U);
  store_.release_loads();
  world_.advance(10ms);
  ask_often();
  world_.advance(10ms);
  EXPECT_EQ(heard, 2000U);
  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(store_.loads, loops);
  look();
  EXPECT_EQ(looks_, 2);
}

TEST_F(ANode, IsDegradedWhereOnlyActorsOfAStuckLoopDoNotAnswer) {
  start();
  store_.next_loads = {StoreStatus::done, StoreStatus::unavailable};
  stuck_loops_[1] = "stuck for 2000ms: lamp.Light of 7";
  const auto found = ask();
  EXPECT_EQ(found.status, Health::ok) << "what lives on the other loops works";
  EXPECT_EQ(check_of(found, "loop 1").status, Health::degraded);
  EXPECT_EQ(check_of(found, "loop 1").detail, "stuck for 2000ms: lamp.Light of 7");
  EXPECT_EQ(check_of(found, "actors lamp").status, Health::degraded);
}

TEST_F(ANode, IsNotReadyWhereNoActorOfAProtocolAnswers) {
  start();
  store_.loads_held = true;
  for (std::size_t loop = 0; loop < loops; ++loop) stuck_loops_[loop] = "stuck";
  EXPECT_EQ(check_of(ask(), "actors lamp").status, Health::degraded) << "they may be slow";
  const auto found = look();
  EXPECT_EQ(check_of(found, "actors lamp").status, Health::failing);
  EXPECT_EQ(check_of(found, "actors bell").status, Health::ok);
}

TEST_F(ANode, TellsAtOnceThatItEnds) {
  start();
  trouble_of_node_ = "it is starting";
  EXPECT_THAT(failing(ask()), ElementsAre("node: it is starting"));
  trouble_of_node_.reset();
  EXPECT_EQ(ask().status, Health::ok);
  trouble_of_node_ = "it is ending";
  EXPECT_THAT(failing(ask()), ElementsAre("node: it is ending"));
  EXPECT_EQ(looks_, 1);
}

}  // namespace readiness
}  // namespace troupe::node
