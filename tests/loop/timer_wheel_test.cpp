#include <troupe/loop/timer_wheel.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace troupe::loop {
namespace {

using namespace std::chrono_literals;

const Instant start = Instant() + 1h;

struct Probe : Timer {
  explicit Probe(int id, std::vector<int>& fired) : Timer(&Probe::note), id(id), fired(fired) {}
  static void note(Timer& timer) {
    auto& self = static_cast<Probe&>(timer);
    self.fired.push_back(self.id);
  }

  int id;
  std::vector<int>& fired;
};

class Wheel : public ::testing::Test {
 protected:
  TimerWheel wheel{start};
  std::vector<int> fired;
};

using Fired = std::vector<int>;

TEST_F(Wheel, FiresAtTheTickOfADeadlineAndNeverBefore) {
  Probe exact(1, fired);
  Probe between(2, fired);
  wheel.start(exact, start + 10ms);
  wheel.start(between, start + 10ms + 1ns);
  wheel.advance(start + 10ms - 1ns);
  EXPECT_EQ(fired, Fired{});
  wheel.advance(start + 10ms);
  EXPECT_EQ(fired, Fired{1});
  EXPECT_FALSE(exact.armed());
  wheel.advance(start + 11ms);
  EXPECT_EQ(fired, (Fired{1, 2}));
}

TEST_F(Wheel, FiresWhatIsOverdueAtTheNextTick) {
  Probe late(1, fired);
  wheel.advance(start + 1s);
  wheel.start(late, start);
  wheel.advance(start + 1s);
  EXPECT_EQ(fired, Fired{}) << "not inside the tick that has been";
  wheel.advance(start + 1s + 1ms);
  EXPECT_EQ(fired, Fired{1});
}

TEST_F(Wheel, FiresInTheOrderOfDeadlinesHoweverFarItJumps) {
  std::vector<std::unique_ptr<Probe>> probes;
  const auto dues = {5000ms, 3ms, 64ms, 4096ms, 63ms, 65ms, 400'000ms, 4ms};
  for (const auto due : dues) {
    probes.push_back(std::make_unique<Probe>(static_cast<int>(due / 1ms), fired));
    wheel.start(*probes.back(), start + due);
  }
  wheel.advance(start + 1h);
  EXPECT_EQ(fired, (Fired{3, 4, 63, 64, 65, 4096, 5000, 400'000}));
}

TEST_F(Wheel, ForgetsWhatIsCancelledAndMovesWhatIsStartedAgain) {
  Probe cancelled(1, fired);
  Probe moved(2, fired);
  wheel.start(cancelled, start + 5ms);
  wheel.start(moved, start + 5ms);
  wheel.cancel(cancelled);
  wheel.cancel(cancelled);
  wheel.start(moved, start + 500ms);
  wheel.advance(start + 499ms);
  EXPECT_EQ(fired, Fired{});
  wheel.advance(start + 500ms);
  EXPECT_EQ(fired, Fired{2});
  EXPECT_FALSE(wheel.next());
}

TEST_F(Wheel, LetsATimerStartItselfAgainAndCancelAnother) {
  struct Periodic : Timer {
    Periodic(TimerWheel& wheel, Timer& other)
        : Timer([](Timer& timer) { static_cast<Periodic&>(timer).fire_once(); }), wheel(wheel), other(other) {}
    void fire_once() {
      ++times;
      wheel.cancel(other);
      wheel.start(*this, start + times * 10ms + 10ms);
    }
    TimerWheel& wheel;
    Timer& other;
    int times = 0;
  };
  Probe victim(1, fired);
  Periodic periodic(wheel, victim);
  wheel.start(periodic, start + 10ms);
  wheel.start(victim, start + 10ms);
  wheel.advance(start + 100ms);
  EXPECT_EQ(periodic.times, 10);
  EXPECT_EQ(fired, Fired{}) << "it was cancelled in the tick in which it was due";
  wheel.cancel(periodic);
}

TEST_F(Wheel, FindsADeadlineBeyondItsSpan) {
  Probe far(1, fired);
  const auto due = start + std::chrono::hours(24 * 365 * 5);
  wheel.start(far, due);
  int wakes = 0;
  while (fired.empty() && ++wakes < 1000) {
    const auto next = wheel.next();
    ASSERT_TRUE(next);
    ASSERT_LE(*next, due);
    wheel.advance(*next);
  }
  EXPECT_EQ(fired, Fired{1});
  EXPECT_LT(wakes, 100) << "it sleeps long in between";
}

TEST_F(Wheel, AgreesWithASortedListWhateverIsStartedCancelledAndSkipped) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const auto dice = [&](unsigned sides) { return static_cast<unsigned>(random() % sides); };
    TimerWheel tested(start);
    std::vector<int> happened;
    std::vector<std::unique_ptr<Probe>> probes;
    for (int i = 0; i < 60; ++i) probes.push_back(std::make_unique<Probe>(i, happened));
    std::map<int, Instant> armed;
    Instant now = start;
    for (int step = 0; step < 2000; ++step) {
      const int id = static_cast<int>(dice(60));
      const auto reach = std::chrono::milliseconds(1U << dice(24));
      if (dice(3) != 0) {
        const Instant due = now + 1ms + reach * dice(100) / 100;
        tested.start(*probes[static_cast<std::size_t>(id)], due);
        armed[id] = due;
      } else if (dice(2) == 0) {
        tested.cancel(*probes[static_cast<std::size_t>(id)]);
        armed.erase(id);
      }
      if (dice(4) != 0) continue;
      const auto next = tested.next();
      ASSERT_EQ(next.has_value(), !armed.empty());
      now += dice(2) == 0 ? 1ms * dice(100) : reach;
      happened.clear();
      tested.advance(now);
      std::multiset<Instant> due;
      for (const auto& [each, at] : armed) {
        if (at <= now) due.insert(at);
      }
      ASSERT_EQ(happened.size(), due.size()) << "seed " << seed << ", step " << step;
      Instant before = start;
      for (const int each : happened) {
        ASSERT_LE(armed.at(each), now);
        ASSERT_LE(before, armed.at(each));
        before = armed.at(each);
        armed.erase(each);
      }
    }
    for (auto& probe : probes) tested.cancel(*probe);
  }
}

}  // namespace
}  // namespace troupe::loop
