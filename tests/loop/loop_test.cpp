#include <troupe/loop/loop.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <thread>
#include <tuple>
#include <vector>

namespace troupe::loop {
namespace {

using namespace std::chrono_literals;

struct HandClock final : Clock {
  Instant monotonic() const override { return at; }
  Time wall() const override { return {}; }
  Instant at = Instant() + 1h;
};

/// A loop that a test drives round by round.
class HandLoop final : public Loop {
 public:
  explicit HandLoop(const Clock& clock) : Loop(3, clock, seeded_chance(1)) {}
  ~HandLoop() override { drop_jobs(); }

  static constexpr std::size_t length = round_length;
  bool round() {
    const Entered entered(*this);
    return run_round();
  }
  void drop() { drop_jobs(); }
  bool has_nothing() const { return idle(); }

  int wakes = 0;

 protected:
  void wake() override { ++wakes; }
};

class Rounds : public ::testing::Test {
 protected:
  /// A job that notes its number when it runs, and its negative when it is dropped.
  struct Noted {
    std::vector<int>& notes;
    int number;
  };
  Job noted(int number) {
    made.push_back(std::make_unique<Noted>(Noted{notes, number}));
    return {[](void* object, std::uint64_t) {
              auto& self = *static_cast<Noted*>(object);
              self.notes.push_back(self.number);
            },
            made.back().get(), 0,
            [](void* object) {
              auto& self = *static_cast<Noted*>(object);
              self.notes.push_back(-self.number);
            }};
  }

  HandClock clock;
  std::vector<int> notes;
  std::vector<std::unique_ptr<Noted>> made;
  HandLoop loop{clock};
};

using Notes = std::vector<int>;

TEST_F(Rounds, RunJobsInTheOrderTheyCame) {
  loop.post(noted(1));
  loop.post(noted(2));
  loop.defer(noted(3));
  EXPECT_FALSE(loop.round());
  EXPECT_EQ(notes, (Notes{3, 1, 2})) << "what is ready comes before what other threads posted";
  EXPECT_TRUE(loop.has_nothing());
}

TEST_F(Rounds, AreBoundedAndTellThatMoreIsReady) {
  const auto length = static_cast<int>(HandLoop::length);
  for (int i = 1; i <= length + 10; ++i) loop.post(noted(i));
  EXPECT_EQ(loop.queued(), 0U);
  EXPECT_TRUE(loop.round());
  EXPECT_EQ(notes.size(), HandLoop::length);
  EXPECT_EQ(loop.queued(), 10U);
  EXPECT_FALSE(loop.round());
  EXPECT_EQ(loop.queued(), 0U);
  EXPECT_EQ(notes.back(), length + 10);
}

TEST_F(Rounds, TellHowManyJobsWaitWhileTheyRun) {
  std::size_t seen = 0;
  for (int i = 0; i < 5; ++i) {
    loop.call([&] { seen = std::max(seen, loop.queued()); });
  }
  loop.round();
  EXPECT_EQ(seen, 5U);
  EXPECT_EQ(loop.queued(), 0U);
}

TEST_F(Rounds, LetAJobQueueAnotherBehindTheReadyOnes) {
  loop.call([this] { loop.defer(noted(2)); });
  loop.post(noted(1));
  loop.round();
  EXPECT_EQ(notes, (Notes{1, 2}));
}

/// Always queues itself again, until it is stopped; each time as much at once as it is told to.
struct Endless {
  Loop& loop;
  unsigned at_once = 0;
  std::size_t runs = 0;
  bool is_stopped = false;

  void begin() {
    loop.defer({[](void* object, std::uint64_t) {
                  auto& self = *static_cast<Endless*>(object);
                  ++self.runs;
                  for (unsigned i = 0; i < self.at_once && self.loop.may_run_at_once(); ++i) ++self.runs;
                  if (!self.is_stopped) self.begin();
                },
                this});
  }
};

TEST_F(Rounds, AreShorterWhereJobsThatTheyQueueRunMuchAtOnce) {
  constexpr std::size_t of_one_job = Loop::at_once_limit + 1;
  Endless endless{loop, Loop::at_once_limit};
  endless.begin();
  EXPECT_TRUE(loop.round());
  EXPECT_LT(endless.runs, HandLoop::length + of_one_job) << "then others may post, and sockets are looked at";
  loop.post(noted(1));
  EXPECT_TRUE(loop.round());
  EXPECT_EQ(notes, Notes{1});
  endless.is_stopped = true;
  loop.round();
}

TEST_F(Rounds, RunAllThatWasReadyHoweverMuchRunsAtOnce) {
  std::vector<std::unique_ptr<Endless>> many;
  for (int i = 0; i < 20; ++i) many.push_back(std::make_unique<Endless>(Endless{loop, Loop::at_once_limit}));
  for (const auto& one : many) one->begin();
  EXPECT_TRUE(loop.round());
  for (const auto& one : many) EXPECT_EQ(one->runs, Loop::at_once_limit + 1);
  for (const auto& one : many) one->is_stopped = true;
  loop.round();
}

TEST_F(Rounds, AreCalledForOnceHoweverManyJobsAThreadPosts) {
  std::thread poster([this] {
    for (int i = 1; i <= 100; ++i) loop.post(noted(i));
  });
  poster.join();
  EXPECT_EQ(loop.wakes, 1);
  loop.round();
  EXPECT_EQ(notes.size(), 100U);
  loop.post(noted(101));
  EXPECT_EQ(loop.wakes, 2);
}

TEST_F(Rounds, FireTimersThatAreDue) {
  struct Note : Timer {
    explicit Note(std::vector<int>& notes)
        : Timer([](Timer& timer) { static_cast<Note&>(timer).notes.push_back(7); }), notes(notes) {}
    std::vector<int>& notes;
  } timer(notes);
  loop.start_timer(timer, clock.at + 5ms);
  EXPECT_EQ(loop.wakes, 1) << "a driver that sleeps must hear of it";
  loop.round();
  EXPECT_EQ(notes, Notes{});
  clock.at += 5ms;
  EXPECT_LT(loop.now(), clock.at) << "time goes on from round to round";
  loop.round();
  EXPECT_EQ(notes, Notes{7});
  loop.start_timer(timer, clock.at + 5ms);
  loop.cancel_timer(timer);
  clock.at += 1h;
  loop.round();
  EXPECT_EQ(notes, Notes{7});
}

TEST_F(Rounds, NameTheLoopTheyRunOn) {
  EXPECT_FALSE(loop.here());
  bool inside = false;
  loop.call([&] { inside = loop.here() && Loop::current() == &loop; });
  loop.round();
  EXPECT_TRUE(inside);
  EXPECT_EQ(Loop::current(), nullptr);
}

TEST_F(Rounds, AreEachAllowedSoManyHandlersAtOnce) {
  unsigned allowed = 0;
  const auto use_up = [&] {
    while (loop.may_run_at_once()) ++allowed;
  };
  loop.call(use_up);
  loop.call(use_up);
  loop.round();
  EXPECT_EQ(allowed, 2 * Loop::at_once_limit);
}

TEST_F(Rounds, AreSparedDroppedJobsAndThoseThatADropQueues) {
  loop.defer(noted(1));
  loop.post(noted(2));
  auto held = std::make_shared<int>(1);
  loop.call([held] { ADD_FAILURE() << "it was dropped"; });
  struct Queues {
    HandLoop& loop;
    Job next;
  } queues{loop, noted(3)};
  loop.post({[](void*, std::uint64_t) { ADD_FAILURE() << "it was dropped"; }, &queues, 0,
             [](void* object) {
               auto& self = *static_cast<Queues*>(object);
               self.loop.post(self.next);
             }});
  loop.drop();
  EXPECT_EQ(notes, (Notes{-1, -2, -3})) << "each once";
  EXPECT_EQ(held.use_count(), 1) << "a callable is destroyed unrun";
  loop.drop();
  EXPECT_FALSE(loop.round());
  EXPECT_EQ(notes.size(), 3U);
}

/// Counts what is drawn of each kind.
struct CountedChance final : Chance {
  std::uint64_t choice() override { return ++choices; }
  std::uint64_t identity() override { return ++identities; }
  std::uint64_t shown() override { return ++shows; }

  std::uint64_t choices = 0;
  std::uint64_t identities = 0;
  std::uint64_t shows = 0;
};

class ChancyLoop final : public Loop {
 public:
  ChancyLoop(const Clock& clock, std::unique_ptr<Chance> chance) : Loop(0, clock, std::move(chance)) {}

 protected:
  void wake() override {}
};

TEST(Chance, OfIdentitiesAndOfWhatIsShownIsNoOtherUses) {
  const HandClock clock;
  auto counted = std::make_unique<CountedChance>();
  auto& chance = *counted;
  ChancyLoop loop(clock, std::move(counted));
  loop.make_id();
  EXPECT_EQ(std::tuple(chance.choices, chance.identities, chance.shows), std::tuple(0U, 1U, 0U));
  loop.random();
  EXPECT_EQ(std::tuple(chance.choices, chance.identities, chance.shows), std::tuple(1U, 1U, 0U));
  loop.shown_random();
  EXPECT_EQ(std::tuple(chance.choices, chance.identities, chance.shows), std::tuple(1U, 1U, 1U));
}

TEST(Chance, OfTheSystemNeverRepeatsAndOfASeedAlwaysDoes) {
  const auto one = system_chance();
  const auto other = system_chance();
  std::set<std::uint64_t> drawn;
  for (int i = 0; i < 100; ++i) {
    for (Chance* chance : {one.get(), other.get()}) {
      drawn.insert(chance->choice());
      drawn.insert(chance->identity());
      drawn.insert(chance->shown());
    }
  }
  EXPECT_EQ(drawn.size(), 600U);
  const auto again = seeded_chance(7);
  const auto before = seeded_chance(7);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(again->choice(), before->choice());
    EXPECT_EQ(again->identity(), before->identity());
    EXPECT_EQ(again->shown(), before->shown());
  }
}

}  // namespace
}  // namespace troupe::loop
