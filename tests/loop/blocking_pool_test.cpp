#include <troupe/loop/blocking_pool.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include <troupe/loop/simulation.hpp>

namespace troupe::loop {
namespace {

using namespace std::chrono_literals;

struct Seen {
  int runs = 0;
  std::optional<BlockingWork::End> end;
  bool ended_on_its_loop = false;
};

class Work final : public BlockingWork {
 public:
  Work(Seen& seen, Loop& loop) : seen_(seen), loop_(loop) {}
  void run() noexcept override { ++seen_.runs; }
  void ended(End end) override {
    seen_.end = end;
    seen_.ended_on_its_loop = loop_.here();
  }

 private:
  Seen& seen_;
  Loop& loop_;
};

TEST(BlockingPool, WithoutThreadsRunsWorkAsAJobOfItsLoop) {
  Simulation world(1);
  Loop& loop = world.loop(0);
  BlockingPool pool(0);
  Seen seen;
  pool.submit(std::make_unique<Work>(seen, loop), loop, loop.now() + 1s);
  EXPECT_EQ(seen.runs, 0) << "not inside of submit()";
  world.advance(1ms);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.end, BlockingWork::End::done);
  EXPECT_TRUE(seen.ended_on_its_loop);
}

TEST(BlockingPool, TellsWorkThatItRefusesOnItsLoop) {
  Simulation world(1);
  Loop& loop = world.loop(0);
  BlockingPool pool(1);
  pool.stop();
  Seen seen;
  pool.submit(std::make_unique<Work>(seen, loop), loop, loop.now() + 1s);
  EXPECT_FALSE(seen.end);
  world.advance(1ms);
  EXPECT_EQ(seen.runs, 0);
  EXPECT_EQ(seen.end, BlockingWork::End::refused);
  EXPECT_TRUE(seen.ended_on_its_loop);
}

}  // namespace
}  // namespace troupe::loop
