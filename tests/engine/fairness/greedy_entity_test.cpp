// One entity that never has enough, among 200 others of its loop: how many of its turns stand between two of theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/actor/ref.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::engine::queues {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t others = 200;
/// Of asks to each of the others: several jobs of each.
constexpr int rounds = 500;
/// Turns of one entity that may come in a row: so many one job runs at once, and one drain of a queue is shorter.
constexpr std::size_t turns_in_a_row = loop::Loop::at_once_limit + 1;

struct Tick {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
/// Sends itself the same, so many times.
struct Spin {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::uint32_t times = 0;
};
using Api = Protocol<"member", Tick, Spin>;

struct State {
  std::uint32_t turns = 0;
};

class Member : public Entity<Api, State> {
 public:
  explicit Member(std::vector<std::string>* turns) : turns_(turns) {}
  Task<Done> on(Tick) {
    turns_->push_back(key().to_string());
    co_return Done{};
  }
  Task<Done> on(Spin m) {
    turns_->push_back(key().to_string());
    if (m.times > 0) send<Spin>(actor<Api>(key()), m.times - 1);
    co_return Done{};
  }

 private:
  std::vector<std::string>* turns_;
};

Task<Done> asking(std::string name, int times) {
  const auto who = actor<Api>(Key(name));
  for (int i = 0; i < times; ++i) co_await who.ask<Tick>();
  co_return Done{};
}
Task<Done> spinning(std::string name, std::uint32_t times) {
  co_await actor<Api>(Key(name)).ask<Spin>(times);
  co_return Done{};
}

/// All entities live on the first of two loops.
class AGreedyEntity : public ::testing::Test {
 protected:
  static constexpr std::size_t home = 0;
  static constexpr std::size_t elsewhere = 1;

  void SetUp() override {
    engine.host(entity_type<Member>(&turns), nullptr, {.shards = 1, .queue_limit = 100'000});
    engine.start();
  }
  void run(Task<Done> task, std::size_t at) {
    ++running;
    loop::Loop& loop = engine.loop(at);
    loop.call([this, &loop, task = std::move(task)]() mutable {
      engine.run(loop, {Shared<Origin>(new Origin(Principal{}, "")), loop.now() + 1h}, std::move(task),
                 [this](const Outcome<Done>& outcome) {
                   EXPECT_TRUE(outcome.ok());
                   --running;
                 });
    });
  }
  void ask_the_others(std::size_t at) {
    for (std::size_t i = 0; i < others; ++i) run(asking("other" + std::to_string(i), rounds), at);
  }
  /// The most turns of the greedy one between two of any single other, before the first and after the last excluded.
  std::size_t longest_wait() const {
    std::vector<std::size_t> last(others, 0);
    std::vector<bool> seen(others, false);
    std::size_t greedy = 0;
    std::size_t longest = 0;
    for (const std::string& turn : turns) {
      if (turn == "greedy") {
        ++greedy;
        continue;
      }
      const auto other = std::stoul(turn.substr(5));
      if (seen[other]) longest = std::max(longest, greedy - last[other]);
      seen[other] = true;
      last[other] = greedy;
    }
    return longest;
  }

  loop::Simulation world{7, 2};
  NoReports reports;
  std::vector<std::string> turns;
  int running = 0;
  Engine engine{world, reports};
};

TEST_F(AGreedyEntity, ThatSendsItselfMessagesLeavesTheOthersTheirTurns) {
  run(spinning("greedy", 100'000), home);
  ask_the_others(home);
  ASSERT_TRUE(world.run_until([&] { return running == 0; }, 10min));
  EXPECT_GT(std::ranges::count(turns, "greedy"), 5) << "it was at it all the time";
  EXPECT_LE(longest_wait(), turns_in_a_row);
}

TEST_F(AGreedyEntity, WithAFullQueueLeavesTheOthersTheirTurns) {
  for (int i = 0; i < 20'000; ++i) run(asking("greedy", 1), home);
  ask_the_others(home);
  ASSERT_TRUE(world.run_until([&] { return running == 0; }, 10min));
  EXPECT_LE(longest_wait(), turns_in_a_row);
}

TEST_F(AGreedyEntity, WithAFullQueueFromAnotherLoopLeavesTheOthersTheirTurns) {
  for (int i = 0; i < 20'000; ++i) run(asking("greedy", 1), elsewhere);
  ask_the_others(elsewhere);
  ASSERT_TRUE(world.run_until([&] { return running == 0; }, 10min));
  EXPECT_LE(longest_wait(), turns_in_a_row);
}

}  // namespace
}  // namespace troupe::engine::queues
