#include <troupe/node/detail/ask_every_loop.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include <troupe/loop/loop_driver.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::node {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

constexpr milliseconds patience{100};
using Answers = LoopAnswers<std::size_t>;

/// Each loop answers with its number.
void ask_all(engine::Engine& engine, std::function<void(Answers)> then) {
  AskEveryLoop<std::size_t>::begin(engine, patience, [](loop::Loop& loop) { return loop.index(); }, std::move(then));
}

TEST(AskEveryLoop, HearsEveryLoop) {
  engine::NoReports reports;
  loop::Simulation world(1, 3);
  engine::Engine engine(world, reports);
  engine.start();
  std::optional<Answers> heard;
  engine.loop(0).call([&] { ask_all(engine, [&](Answers answers) { heard = std::move(answers); }); });
  ASSERT_TRUE(world.run_until([&] { return heard.has_value(); }, patience / 2));
  EXPECT_THAT(*heard, ElementsAre(Optional(0U), Optional(1U), Optional(2U)));
  heard.reset();
  world.advance(2 * patience);
  EXPECT_FALSE(heard) << "once";
}

TEST(AskEveryLoop, GoesOnWithoutALoopThatIsStuck) {
  engine::NoReports reports;
  loop::ThreadedLoops loops(2);
  engine::Engine engine(loops, reports);
  engine.start();
  std::promise<void> release;
  engine.loop(1).call([released = release.get_future().share()] { released.wait(); });
  std::promise<Answers> heard;
  engine.loop(0).call([&] { ask_all(engine, [&](Answers answers) { heard.set_value(std::move(answers)); }); });
  EXPECT_THAT(heard.get_future().get(), ElementsAre(Optional(0U), Eq(std::nullopt)));
  release.set_value();
  engine.stop(patience);
}

TEST(AskEveryLoop, EndsWithItsEngine) {
  engine::NoReports reports;
  loop::Simulation world(1, 2);
  const auto asker = std::make_shared<bool>(false);
  {
    engine::Engine engine(world, reports);
    engine.start();
    ask_all(engine, [asker](const Answers&) { *asker = true; });
    EXPECT_EQ(asker.use_count(), 2);
  }
  EXPECT_EQ(asker.use_count(), 1) << "nothing of it is left";
  world.advance(2 * patience);
  EXPECT_FALSE(*asker);
}

}  // namespace
}  // namespace troupe::node
