#include "tests/engine/tree_fixture.hpp"

// What throws while it is made, started or ended is its supervisor's to know, and nobody else's to suffer from.
namespace troupe::engine::rooms {

/// Throws where it is told to.
struct Mine {
  std::string in_make{};
  std::string in_exit{};
  int lives = 0;
  std::function<void(ExitReason)> ended{};
};

class MineLeaf final : public Leaf {
 public:
  explicit MineLeaf(Mine& mine) : mine_(mine) {
    if (!mine_.in_make.empty()) throw std::runtime_error(mine_.in_make);
  }
  void start(Told told) override {
    ++mine_.lives;
    mine_.ended = std::move(told.ended);
    told.started();
  }
  void exit(ExitSignal) override {
    if (!mine_.in_exit.empty()) throw std::runtime_error(mine_.in_exit);
    mine_.ended(ExitReason::shutdown());
  }

 private:
  Mine& mine_;
};

class AThrowingWorker : public ATree {
 protected:
  void SetUp() override {
    ATree::SetUp();
    engine.add_worker("hotel", "mine", LeafSpec{0, [this](loop::Loop&) { return std::make_unique<MineLeaf>(mine); }});
  }
  Mine mine;
};

TEST_P(AThrowingWorker, DoesNotStartWhereItsConstructorThrows) {
  mine.in_make = "it can't be dug";
  try {
    engine.start();
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("it can't be dug"));
  }
}

TEST_P(AThrowingWorker, CountsAsAFailedRestartWhereItsConstructorThrowsLater) {
  SupervisorFlags flags;
  flags.intensity = 10;
  flags.backoff = resilience::Backoff{1s, 1s, resilience::Backoff::Jitter::equal};
  adjusted["hotel/workers"] = flags;
  engine.start();
  mine.in_make = "it can't be dug";
  engine.loop(0).call([&] { mine.ended(ExitReason::error("it fell in")); });
  world.advance(3s);
  EXPECT_EQ(mine.lives, 1);
  EXPECT_THAT(reports.lines, ::testing::Contains(HasSubstr("reason=it can't be dug")));
  mine.in_make.clear();
  world.advance(3s);
  EXPECT_EQ(mine.lives, 2);
  EXPECT_TRUE(reports.gave_up_for.empty());
}

TEST_P(AThrowingWorker, EndsAllTheSameWhereItsEndThrows) {
  engine.start();
  mine.in_exit = "it won't be shut";
  EXPECT_TRUE(engine.stop(1h));
  EXPECT_THAT(reports.lines, ::testing::Contains(HasSubstr("reason=it won't be shut")));
  EXPECT_TRUE(reports.gave_up_for.empty());
}

TEST_P(AThrowingWorker, IsStartedAgainWhereItsEndThrewAtARestartOfTheGroup) {
  adjusted["hotel"] = {.strategy = Strategy::one_for_all};
  engine.start();
  mine.in_exit = "it won't be shut";
  kill("hotel/room");
  EXPECT_EQ(mine.lives, 2);
  EXPECT_TRUE(ask<Get>("a").ok());
  mine.in_exit.clear();
}

INSTANTIATE_TEST_SUITE_P(Loops, AThrowingWorker, ::testing::Values(1U, 2U));

}  // namespace troupe::engine::rooms
