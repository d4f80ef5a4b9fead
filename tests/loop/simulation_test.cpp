#include <troupe/loop/simulation.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace troupe::loop {
namespace {

TEST(Simulation, StepsThroughOneJobAtATime) {
  Simulation world(1, 1);
  std::vector<int> ran;
  auto& loop = world.loop(0);
  loop.call([&] {
    ran.push_back(1);
    EXPECT_FALSE(loop.may_run_at_once()) << "or it would be two";
    loop.call([&] { ran.push_back(3); });
  });
  loop.call([&] { ran.push_back(2); });
  for (const std::size_t jobs : {1U, 2U, 3U}) {
    EXPECT_TRUE(world.step());
    EXPECT_EQ(ran.size(), jobs);
  }
  EXPECT_EQ(ran, (std::vector{1, 2, 3}));
  const auto before = world.wall_time();
  EXPECT_FALSE(world.step());
  EXPECT_EQ(world.wall_time(), before);
}

TEST(Simulation, StepsThroughTheJobsOfWorkers) {
  Simulation world(1, 1);
  int ran = 0;
  const auto worker = world.workers().make("worker");
  for (int i = 0; i < 2; ++i) worker->post([&] { ++ran; });
  EXPECT_TRUE(world.step());
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(world.step());
  EXPECT_EQ(ran, 2);
  EXPECT_FALSE(world.step());
}

}  // namespace
}  // namespace troupe::loop
