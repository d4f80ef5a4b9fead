// The rules of the search for deadlocks: on waits that a test writes down, and on random ones beside an oracle.
#include <troupe/engine/deadlock/prober.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace troupe::engine::deadlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The ask of this number; the higher, the younger.
Wait wait_of(std::uint64_t number) {
  Wait wait;
  wait.ask = {"node", 0, number};
  wait.since = Time(Duration(number));
  wait.waiter = {"turn", Key(Uuid{0, number}), "Do"};
  return wait;
}
Scene queued_before(std::vector<Wait> waits) { return {Standing::queued, std::move(waits)}; }

TEST(Prober, ConfirmsACycleBeforeItsYoungestAskFails) {
  Prober prober;
  auto probes = prober.visit(Prober::begin(wait_of(2)), queued_before({wait_of(1)}));
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_EQ(probes[0].followed().ask.request, 1U);
  probes = prober.visit(probes[0], queued_before({wait_of(2)}));
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_EQ(probes[0].purpose, Probe::Purpose::confirm);
  EXPECT_EQ(probes[0].followed().ask.request, 2U);
  probes = prober.visit(probes[0], queued_before({wait_of(1)}));
  ASSERT_THAT(probes, SizeIs(1));
  probes = prober.visit(probes[0], queued_before({wait_of(2)}));
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_EQ(probes[0].purpose, Probe::Purpose::fail);
  EXPECT_EQ(probes[0].followed().ask.request, 2U);
  EXPECT_TRUE(Prober::fails(probes[0], Standing::queued));
  EXPECT_FALSE(Prober::fails(probes[0], Standing::begun)) << "it has begun after all";
  EXPECT_FALSE(Prober::fails(probes[0], Standing::absent));
}

TEST(Prober, LeavesACycleToItsYoungestAsk) {
  Prober prober;
  const auto probes = prober.visit(Prober::begin(wait_of(1)), queued_before({wait_of(2)}));
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_THAT(prober.visit(probes[0], queued_before({wait_of(1)})), IsEmpty());
}

TEST(Prober, BeginsNothingForAnAskThatHasBegun) {
  Prober prober;
  EXPECT_THAT(prober.visit(Prober::begin(wait_of(2)), {Standing::begun, {wait_of(1)}}), IsEmpty());
}

/// A probe of the ask 2 that has found a cycle with the ask 1, and sets out to confirm it.
Probe found(Prober& prober) {
  auto probes = prober.visit(Prober::begin(wait_of(2)), queued_before({wait_of(1)}));
  return prober.visit(probes.at(0), queued_before({wait_of(2)})).at(0);
}

TEST(Prober, DropsACycleOfWhichOneWaitHasEnded) {
  Prober prober;
  EXPECT_THAT(prober.visit(found(prober), {}), IsEmpty()) << "the ask has its answer";
  prober.begin_period();
  EXPECT_THAT(prober.visit(found(prober), queued_before({})), IsEmpty()) << "nothing is waited for any more";
  prober.begin_period();
  EXPECT_THAT(prober.visit(found(prober), queued_before({wait_of(3)})), IsEmpty()) << "but another ask";
  prober.begin_period();
  EXPECT_THAT(prober.visit(found(prober), {Standing::begun, {wait_of(1)}}), IsEmpty()) << "it is a turn by now";
}

TEST(Prober, FollowsAWaitOnceInAPeriod) {
  Prober prober;
  const Scene fork = queued_before({wait_of(1), wait_of(2)});
  EXPECT_THAT(prober.visit(Prober::begin(wait_of(9)), fork), SizeIs(2));
  EXPECT_THAT(prober.visit(Prober::begin(wait_of(9)), fork), IsEmpty());
  EXPECT_THAT(prober.visit(Prober::begin(wait_of(8)), fork), SizeIs(2)) << "each probe for itself";
  prober.begin_period();
  EXPECT_THAT(prober.visit(Prober::begin(wait_of(9)), fork), SizeIs(2));
}

TEST(Prober, EndsAtTheLongestPath) {
  Prober prober;
  Probe probe = Prober::begin(wait_of(1000));
  for (std::uint64_t number = 1; number < longest_path; ++number) {
    auto on = prober.visit(probe, queued_before({wait_of(number)}));
    ASSERT_THAT(on, SizeIs(1));
    probe = on[0];
  }
  EXPECT_THAT(probe.path, SizeIs(longest_path));
  EXPECT_THAT(prober.visit(probe, queued_before({wait_of(longest_path)})), IsEmpty());
  EXPECT_THAT(prober.visit(probe, queued_before({wait_of(1000)})), SizeIs(1)) << "as long as that a cycle may be";
}

TEST(Prober, LetsSoManyProbesOnInAPeriod) {
  Prober prober;
  std::size_t on = 0;
  for (std::uint64_t number = 0; number < Prober::visits_per_period + 10; ++number) {
    on += prober.visit(Prober::begin(wait_of(number + 2)), queued_before({wait_of(1)})).size();
  }
  EXPECT_EQ(on, Prober::visits_per_period);
}

/// Chains of turns at random, some of whose asks are queued before the turns of others.
class Knots {
 public:
  explicit Knots(std::uint64_t seed) : random_(seed) {
    const std::uint64_t entities = 2 + random_() % 6;
    for (std::uint64_t chains = 1 + random_() % 6; chains > 0; --chains) grow(random_() % entities, 0);
    std::vector<std::uint64_t> numbers(asks_.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i + 1;
    std::ranges::shuffle(numbers, random_);
    // In no order: clocks of nodes differ.
    for (std::size_t i = 0; i < asks_.size(); ++i) asks_[i].wait = wait_of(numbers[i]);
  }

  std::size_t size() const { return asks_.size(); }
  const Wait& wait(std::size_t ask) const { return asks_[ask].wait; }
  std::size_t find(const AskId& id) const {
    return static_cast<std::size_t>(std::ranges::find(asks_, id, [](const Ask& a) { return a.wait.ask; }) -
                                    asks_.begin());
  }
  bool stands(std::size_t ask) const { return !asks_[ask].ended; }
  bool queued(std::size_t ask) const { return !asks_[ask].begun_as; }
  void end(std::size_t ask) { asks_[ask].ended = true; }

  Scene scene(std::size_t ask) const {
    if (!stands(ask)) return {};
    Scene scene{queued(ask) ? Standing::queued : Standing::begun, {}};
    for (const std::size_t next : next_of(ask)) scene.waits.push_back(asks_[next].wait);
    return scene;
  }
  /// Whether the ask is queued, and the youngest of the queued ones on some cycle.
  bool must_fail(std::size_t ask) const {
    if (!stands(ask) || !queued(ask)) return false;
    std::vector<std::size_t> to_see{ask};
    std::set<std::size_t> seen;
    while (!to_see.empty()) {
      const std::size_t at = to_see.back();
      to_see.pop_back();
      if (queued(at) && is_younger(asks_[at].wait, asks_[ask].wait)) continue;
      for (const std::size_t next : next_of(at)) {
        if (next == ask) return true;
        if (seen.insert(next).second) to_see.push_back(next);
      }
    }
    return false;
  }

 private:
  struct Ask {
    std::size_t turn;  ///< that asks
    std::size_t entity;
    std::optional<std::size_t> begun_as;  ///< a turn
    Wait wait{};
    bool ended = false;
  };

  void grow(std::size_t entity, int depth) {
    const std::size_t turn = turns_.size();
    turns_.push_back(entity);
    for (std::uint64_t asks = random_() % 3; asks > 0; --asks) {
      const std::size_t to = random_() % 8;
      const std::size_t ask = asks_.size();
      asks_.push_back({turn, to, std::nullopt});
      if (depth == 3 || random_() % 3 != 0) continue;
      asks_[ask].begun_as = turns_.size();
      grow(to, depth + 1);
    }
  }
  std::vector<std::size_t> next_of(std::size_t ask) const {
    std::vector<std::size_t> next;
    for (std::size_t i = 0; i < asks_.size(); ++i) {
      const std::size_t turn = asks_[i].turn;
      const bool waits = queued(ask) ? turns_[turn] == asks_[ask].entity : turn == *asks_[ask].begun_as;
      if (waits && stands(i)) next.push_back(i);
    }
    return next;
  }

  std::mt19937_64 random_;
  std::vector<std::size_t> turns_;  ///< the entity of each
  std::vector<Ask> asks_;
};

/// Lets every ask send a probe, and these go on in any order. Returns which asks failed; `between` runs before each
/// step.
template <class F>
std::set<std::size_t> failures(Knots& knots, std::uint64_t seed, F between) {
  std::mt19937_64 random(seed);
  Prober prober;
  std::vector<Probe> under_way;
  for (std::size_t ask = 0; ask < knots.size(); ++ask) {
    if (knots.stands(ask)) under_way.push_back(Prober::begin(knots.wait(ask)));
  }
  std::set<std::size_t> failed;
  while (!under_way.empty()) {
    std::swap(under_way[random() % under_way.size()], under_way.back());
    Probe probe = std::move(under_way.back());
    under_way.pop_back();
    between(probe);
    const std::size_t ask = knots.find(probe.followed().ask);
    const Scene scene = knots.scene(ask);
    if (Prober::fails(probe, scene.ask)) failed.insert(ask);
    for (Probe& next : prober.visit(std::move(probe), scene)) under_way.push_back(std::move(next));
  }
  return failed;
}

TEST(Prober, FailsTheYoungestQueuedAskOfEveryCycleAndNoOther) {
  std::size_t cycles = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Knots knots(seed);
    std::set<std::size_t> expected;
    for (std::size_t ask = 0; ask < knots.size(); ++ask) {
      if (knots.must_fail(ask)) expected.insert(ask);
    }
    cycles += expected.size();
    ASSERT_EQ(failures(knots, seed, [](const Probe&) {}), expected) << "seed " << seed;
    for (const std::size_t ask : expected) knots.end(ask);
    ASSERT_THAT(failures(knots, seed, [](const Probe&) {}), IsEmpty()) << "no cycle is left; seed " << seed;
  }
  EXPECT_GT(cycles, 1000U);
}

TEST(Prober, FailsOnlyWhatStoodAllAtOnce) {
  // Meanwhile asks end by themselves, as at a deadline.
  std::size_t all_failed = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Knots knots(seed);
    std::mt19937_64 random(seed);
    std::size_t step = 0;
    std::map<std::size_t, std::size_t> ended;
    std::map<AskId, std::size_t> found;  // when the cycle of an ask had been gone round once
    failures(knots, seed, [&](const Probe& probe) {
      ++step;
      if (probe.purpose == Probe::Purpose::search && random() % 8 == 0) {
        const std::size_t ask = random() % knots.size();
        if (knots.stands(ask)) ended[ask] = step;
        knots.end(ask);
      }
      if (probe.purpose == Probe::Purpose::confirm && probe.at == 0) found[probe.path.front().ask] = step;
      if (probe.purpose != Probe::Purpose::fail) return;
      ++all_failed;
      for (const Wait& wait : probe.path) {
        const auto at = ended.find(knots.find(wait.ask));
        ASSERT_TRUE(at == ended.end() || at->second > found.at(probe.path.front().ask)) << "seed " << seed;
      }
    });
  }
  EXPECT_GT(all_failed, 100U);
}

}  // namespace
}  // namespace troupe::engine::deadlock
