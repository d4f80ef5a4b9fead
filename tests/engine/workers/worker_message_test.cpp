#include <algorithm>

#include "tests/engine/workers/worker_fixture.hpp"

// What a worker is asked, and what it asks and waits for itself.
namespace troupe::engine::rooms::porter {
namespace {

class AskedWorker : public AWorker {
 protected:
  void SetUp() override {
    AWorker::SetUp();
    // Where there are two loops, it lives on the second.
    workers.add("hotel", worker_type<Doorman, rooms::Api>());
    employ();
  }

  struct Doorman : Worker<> {
    static constexpr WorkerSpec spec{.name = "doorman"};
  };
};

TEST_P(AskedWorker, AnswersInTheOrderOfArrival) {
  start();
  const auto first = begin<CarrySlowly>();
  const auto second = begin<Carry>();
  world.advance(2s);
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ((**first)->carried, 1U);
  EXPECT_EQ((**second)->carried, 2U);
}

TEST_P(AskedWorker, AnswersReadsTogether) {
  start();
  const auto slow = begin<CountSlowly>();
  const auto quick = begin<Count>();
  world.advance(10ms);
  EXPECT_TRUE(quick->has_value());
  EXPECT_FALSE(slow->has_value());
}

TEST_P(AskedWorker, ThatThrowsIsMadeAnew) {
  start();
  ASSERT_TRUE(tell<Carry>().ok());
  reports.expects_crashes = true;
  const auto dropped = begin<Drop>();
  const auto waiting = begin<Carry>();
  world.advance(1s);
  ASSERT_TRUE(dropped->has_value() && waiting->has_value());
  EXPECT_TRUE((*dropped)->unknown()) << "nobody undoes what it has done";
  EXPECT_EQ((*dropped)->failure().code, failure_code::actor_crashed);
  ASSERT_TRUE((*waiting)->not_executed());
  EXPECT_EQ((*waiting)->failure().code, failure_code::unavailable);
  EXPECT_EQ(script.lives, 2);
  EXPECT_EQ(script.living, 1);
  EXPECT_EQ(node().last_reason, "the bag is open");
  EXPECT_EQ(tell<Count>()->carried, 0U);
}

TEST_P(AskedWorker, ThatIsKilledTellsOfAReadThatNothingWasDone) {
  start();
  const auto reading = begin<CountSlowly>();
  const auto waiting = begin<CarrySlowly>();
  world.advance(10ms);
  kill("hotel/workers/porter");
  ASSERT_TRUE(reading->has_value() && waiting->has_value());
  EXPECT_TRUE((*reading)->not_executed());
  EXPECT_TRUE((*waiting)->not_executed());
}

TEST_P(AskedWorker, ThatIsKilledTellsOfWhatItHadBegunThatNobodyKnows) {
  start();
  const auto writing = begin<CarrySlowly>();
  const auto waiting = begin<Carry>();
  world.advance(10ms);
  script.log.clear();
  kill("hotel/workers/porter");
  ASSERT_TRUE(writing->has_value() && waiting->has_value());
  EXPECT_TRUE((*writing)->unknown());
  EXPECT_EQ((*writing)->failure().code, failure_code::unavailable);
  EXPECT_TRUE((*waiting)->not_executed());
  EXPECT_THAT(script.log, ElementsAre("run is cut", "carrying is cut", "is gone", "run begins"));
}

TEST_P(AskedWorker, ThatIsKilledWhileItGoesThroughItsQueueIsMadeAnew) {
  adjusted["hotel/workers"] = {.intensity = 1000};
  start();
  for (int steps = 0; steps < 20; ++steps) {
    begin<CarrySlowly>();
    for (int i = 0; i < 200; ++i) begin<Carry>();
    world.advance(999ms);
    for (int i = 0; i < steps; ++i) world.step();
    kill("hotel/workers/porter");
    world.advance(2s);
    EXPECT_TRUE(tell<Count>().ok()) << steps;
    EXPECT_EQ(script.living, 1) << steps;
  }
}

TEST_P(AskedWorker, SaysThatItMayHaveHappenedWhereItsHandlerFails) {
  start();
  const auto sorry = tell<Apologize>();
  EXPECT_TRUE(sorry.unknown()) << "it has changed already: " << sorry.failure().code;
  EXPECT_EQ(tell<Count>()->carried, 1U);
}

INSTANTIATE_TEST_SUITE_P(Loops, AskedWorker, ::testing::Values(1U, 2U));

class AnInterleavedWorker : public AWorker {
 protected:
  struct Porters : Porter {
    using Porter::Porter;
    static constexpr WorkerSpec spec{.name = "porter", .turns = Turns::interleaved};
  };
};

TEST_P(AnInterleavedWorker, HandlesMessagesAtOnceUpToALimit) {
  employ<Porters>();
  start();
  std::vector<Asked<CountSlowly>> asked;
  for (int i = 0; i < 1'100; ++i) asked.push_back(begin<CountSlowly>());
  const auto answered = [&asked] {
    return std::ranges::count_if(asked, [](const auto& each) { return each->has_value(); });
  };
  world.advance(1500ms);
  EXPECT_EQ(answered(), 1'024);
  world.advance(1s);
  EXPECT_EQ(answered(), 1'100) << "the others waited";
}

INSTANTIATE_TEST_SUITE_P(Loops, AnInterleavedWorker, ::testing::Values(1U, 2U));

/// Looks after the rooms by itself.
class Housekeeper : public Worker<Asks<rooms::Api, Get>> {
 public:
  static constexpr WorkerSpec spec{.name = "porter"};
  enum class Habit : std::uint8_t { looks, ticks, reads, enters };

  struct Notes {
    Habit habit = Habit::looks;
    std::vector<Time> times{};
    std::vector<std::string> seen{};
  };

  explicit Housekeeper(Notes* notes) : notes_(*notes) {}

  Task<Done> run() override {
    switch (notes_.habit) {
      case Habit::looks:
        return look();
      case Habit::ticks:
        return tick();
      case Habit::reads:
        return read();
      case Habit::enters:
        break;
    }
    return enter();
  }

 private:
  Task<Done> look() {
    for (;;) {
      const Guests guests = co_await actor<rooms::Api>(Key("a")).ask<Get>();
      notes_.seen.push_back(std::to_string(guests.count));
      co_await pause(1h);
    }
  }
  Task<Done> tick() {
    Every tick(10s);
    for (;;) {
      co_await tick.next();
      notes_.times.push_back(co_await current_time());
      // Longer than two periods.
      if (notes_.times.size() == 2) co_await pause(25s);
    }
  }
  Task<Done> read() {
    const std::string page = co_await blocking(&look_up, std::string("guests"));
    notes_.seen.push_back(page);
    co_await blocking(&burn, 0);
    co_return Done{};
  }
  Task<Done> enter() {
    auto outcome = co_await actor<rooms::Api>(Key("a")).try_ask<Enter>();
    notes_.seen.push_back(outcome.failure().code);
    notes_.seen.push_back(outcome.failure().detail);
    co_await pause(24h);
    co_return Done{};
  }
  static std::string look_up(const std::string& what) { return "the book of " + what; }
  static int burn(int) { throw std::runtime_error("the book burns"); }

  Notes& notes_;
};

class AHousekeeper : public ATree {
 protected:
  void TearDown() override {
    engine.stop(0ms);
    ATree::TearDown();
  }
  void start(Housekeeper::Habit habit) {
    notes.habit = habit;
    workers.add("hotel", worker_type<Housekeeper, rooms::Api>(&notes));
    engine.start();
    workers.begin();
  }
  Housekeeper::Notes notes;
  Workers workers{engine, "node"};
};

TEST_P(AHousekeeper, AsksHoursApart) {
  start(Housekeeper::Habit::looks);
  world.advance(1min);
  ASSERT_TRUE(ask<Enter>("a").ok());
  world.advance(3h);
  EXPECT_THAT(notes.seen, ElementsAre("0", "1", "1", "1")) << "each ask has time of its own";
  EXPECT_TRUE(reports.lines.empty());
}

TEST_P(AHousekeeper, LeavesOutTheTicksThatPassWhileItIsBusy) {
  start(Housekeeper::Habit::ticks);
  world.advance(71s);
  std::vector<std::chrono::seconds> since_first;
  for (const Time time : notes.times)
    since_first.push_back(std::chrono::round<std::chrono::seconds>(time - notes.times[0]));
  EXPECT_THAT(since_first, ElementsAre(0s, 10s, 40s, 50s, 60s));
}

TEST_P(AHousekeeper, CrashesByWhatItsBlockingWorkThrows) {
  start(Housekeeper::Habit::reads);
  world.run_until([this] { return !reports.lines.empty(); }, 1min);
  EXPECT_EQ(notes.seen.front(), "the book of guests");
  EXPECT_THAT(reports.lines.front(), HasSubstr("the book burns"));
}

TEST_P(AHousekeeper, AsksWhatItDeclaresAndNothingElse) {
  reports.expects_trouble = true;
  start(Housekeeper::Habit::enters);
  world.advance(1s);
  ASSERT_EQ(notes.seen.size(), 2U);
  EXPECT_EQ(notes.seen[0], failure_code::undeclared);
  EXPECT_THAT(notes.seen[1], HasSubstr("the worker hotel/workers/porter asked room.Enter"));
  EXPECT_THAT(notes.seen[1], HasSubstr("to its Worker<…>"));
}

INSTANTIATE_TEST_SUITE_P(Loops, AHousekeeper, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::rooms::porter
