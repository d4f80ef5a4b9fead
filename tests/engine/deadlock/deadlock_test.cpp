// Call chains that wait for each other, within one node, on virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/deadlock/knot.hpp"

namespace troupe::engine::knots {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

struct Reports final : Reporter {
  std::vector<std::vector<deadlock::Wait>> cycles;
  void crashed(const CrashReport& report) override { ADD_FAILURE() << report.what; }
  void trouble(std::string_view what) override { ADD_FAILURE() << what; }
  void deadlocked(const std::vector<deadlock::Wait>& cycle) override { cycles.push_back(cycle); }
};

/// With so many loops: one, on which all entities live, or more, over which they are spread.
class ADeadlock : public ::testing::TestWithParam<std::size_t> {
 protected:
  using Asked = std::shared_ptr<std::optional<Outcome<std::string>>>;

  void SetUp() override {
    engine.host(entity_type<Knot>(&begun), nullptr);
    engine.start();
  }

  template <class M>
  Asked begin(const std::string& name, Duration wait, Names through) {
    auto result = std::make_shared<std::optional<Outcome<std::string>>>();
    loop::Loop& loop = engine.loop(0);
    loop.call([this, &loop, result, name, wait, through = std::move(through)] {
      engine.run(loop, {Shared<Origin>(new Origin(Principal{}, "")), loop.now() + patience},
                 asking<M>(name, wait, through), [result](Outcome<std::string> o) { result->emplace(std::move(o)); });
    });
    return result;
  }
  bool ended(const std::vector<Asked>& all, std::chrono::milliseconds limit) {
    return world.run_until([&] { return std::ranges::all_of(all, [](const Asked& one) { return one->has_value(); }); },
                           limit);
  }
  static std::string text(const Asked& asked) { return *asked ? (**asked).ok() ? ***asked : "failed" : "waits"; }

  Duration patience = 60s;
  loop::Simulation world{7, GetParam()};
  Reports reports;
  std::vector<std::string> begun;
  Engine engine{world, reports};
};
INSTANTIATE_TEST_SUITE_P(Loops, ADeadlock, ::testing::Values(1, 3));

TEST_P(ADeadlock, OfTwoChainsIsFoundWithinASecond) {
  const Asked one = begin<Pull>("a", 10ms, {"b"});
  const Asked two = begin<Pull>("b", 30ms, {"a"});
  ASSERT_TRUE(ended({one, two}, 1s));
  EXPECT_EQ(text(two), "call_deadlock, not executed") << "its ask is the younger one";
  EXPECT_EQ(text(one), "done") << "and goes on when the other turn has ended";
  EXPECT_THAT(begun, UnorderedElementsAre("a", "b", "b")) << "the ask that failed was not executed";
  ASSERT_THAT(reports.cycles, SizeIs(1));
  EXPECT_EQ(to_text(reports.cycles.front()),
            "knot/b (Pull) on node waits for knot/a (Pull), queued; "
            "knot/a (Pull) on node waits for knot/b (Pull), queued");
}

TEST_P(ADeadlock, OfThreeChainsFailsTheYoungestAskWhicheverItIs) {
  for (const int youngest : {0, 1, 2}) {
    const Names names{"a", "b", "c"};
    std::vector<Asked> chains;
    for (int i = 0; i < 3; ++i) {
      chains.push_back(begin<Pull>(names[i], i == youngest ? 50ms : 10ms, {names[(i + 1) % 3]}));
    }
    ASSERT_TRUE(ended(chains, 1s));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(text(chains[i]), i == youngest ? "call_deadlock, not executed" : "done") << i << " of " << youngest;
    }
  }
  EXPECT_THAT(reports.cycles, SizeIs(3));
}

TEST_P(ADeadlock, OfAsksFromOneMomentFailsOneOfThem) {
  const Asked one = begin<Pull>("a", 10ms, {"b"});
  const Asked two = begin<Pull>("b", 10ms, {"a"});
  ASSERT_TRUE(ended({one, two}, 1s));
  EXPECT_NE(text(one), text(two));
  EXPECT_THAT((std::vector{text(one), text(two)}), ::testing::Contains("done"));
  EXPECT_THAT(reports.cycles, SizeIs(1));
}

TEST_P(ADeadlock, LeadsAlongAsksThatHaveBegun) {
  // The first chain is three turns deep when it meets the other one.
  const Asked one = begin<Pull>("a", 10ms, {"b", "c", "d"});
  const Asked two = begin<Pull>("d", 50ms, {"e", "a"});
  ASSERT_TRUE(ended({one, two}, 1s));
  EXPECT_EQ(text(two), "call_deadlock, not executed");
  EXPECT_EQ(text(one), "done");
  ASSERT_THAT(reports.cycles, SizeIs(1));
  EXPECT_THAT(reports.cycles.front(), SizeIs(5));
}

TEST_P(ADeadlock, IsBrokenOnceForEachOfTwoThatShareNothing) {
  const std::vector<Asked> chains{begin<Pull>("a", 10ms, {"b"}), begin<Pull>("b", 20ms, {"a"}),
                                  begin<Pull>("c", 10ms, {"d"}), begin<Pull>("d", 20ms, {"c"})};
  ASSERT_TRUE(ended(chains, 1s));
  EXPECT_THAT(reports.cycles, SizeIs(2));
  EXPECT_EQ(text(chains[1]), "call_deadlock, not executed");
  EXPECT_EQ(text(chains[3]), "call_deadlock, not executed");
}

TEST_P(ADeadlock, OfReadsAndAWriteBetweenThemIsFound) {
  // The read of `a` waits behind the write at `b`, whose ask waits until the reads of `a` have ended.
  const Asked read = begin<Peek>("a", 10ms, {"b"});
  const Asked other = begin<Peek>("a", 700ms, {});
  const Asked write = begin<Pull>("b", 30ms, {"a"});
  ASSERT_TRUE(ended({read, other, write}, 1s));
  EXPECT_EQ(text(write), "call_deadlock, not executed");
  EXPECT_EQ(text(read), "done");
}

TEST_P(ADeadlock, IsFoundThroughOneOfManyParallelAsks) {
  const Asked many = begin<PullAll>("a", 10ms, {"u", "v", "b", "w"});
  const Asked one = begin<Pull>("b", 40ms, {"a"});
  ASSERT_TRUE(ended({many, one}, 1s));
  EXPECT_EQ(text(one), "call_deadlock, not executed");
  EXPECT_EQ(text(many), "done");
}

TEST_P(ADeadlock, LetsWhatWaitsBehindTheFailedAskStart) {
  const Asked read = begin<Peek>("a", 10ms, {"b"});
  const Asked write = begin<Pull>("b", 30ms, {"a"});
  world.advance(100ms);
  const Asked behind = begin<Peek>("a", 0ms, {});
  world.advance(50ms);
  EXPECT_EQ(text(behind), "waits") << "for the write before it";
  ASSERT_TRUE(ended({read, write, behind}, 1s));
  EXPECT_EQ(text(behind), "done");
}

TEST_P(ADeadlock, IsNoLongWait) {
  // Everybody waits for the one that takes its time, and for each other, but nobody in a circle.
  const Asked slow = begin<Pull>("z", 30s, {});
  std::vector<Asked> all{slow};
  for (const char* name : {"a", "b", "c", "d"}) all.push_back(begin<Pull>(name, 10ms, {"z"}));
  all.push_back(begin<PullAll>("e", 10ms, {"a", "b", "c", "d"}));
  all.push_back(begin<Pull>("f", 10ms, {"e", "y"}));
  all.push_back(begin<Peek>("g", 10ms, {"f", "a"}));
  world.advance(29s);
  EXPECT_EQ(text(slow), "waits");
  ASSERT_TRUE(ended(all, 5s));
  for (const Asked& one : all) EXPECT_EQ(text(one), "done");
  EXPECT_THAT(reports.cycles, IsEmpty());
}

TEST_P(ADeadlock, IsNoReadThatReturnsToItsOwnChain) {
  const Asked read = begin<Peek>("a", 10ms, {"b", "a"});
  world.advance(5ms);
  const Asked write = begin<Pull>("a", 0ms, {});
  // Job by job: whatever could run at once goes through the queue, as where a loop is busy.
  for (int i = 0; i < 1000 && text(write) == "waits"; ++i) {
    if (!world.step()) world.advance(1ms);
  }
  EXPECT_EQ(text(read), "done");
  EXPECT_EQ(text(write), "done");
  EXPECT_THAT(reports.cycles, IsEmpty());
}

TEST_P(ADeadlock, IsNotLookedForWhileNothingWaits) {
  ASSERT_TRUE(ended({begin<Pull>("a", 500ms, {"b", "c"})}, 5s));
  world.advance(1s);
  const auto before = engine.loop(0).begun();
  world.advance(1min);
  EXPECT_EQ(engine.loop(0).begun(), before) << "nothing is due any more";
}

TEST_P(ADeadlock, OfManyChainsIsBrokenUntilAllHaveEnded) {
  std::vector<Asked> chains;
  const Names names{"a", "b", "c", "d", "e", "f"};
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t from = i * 7 % names.size();
    const std::size_t step = 1 + i % (names.size() - 1);
    chains.push_back(begin<Pull>(names[from], Duration(i % 13), {names[(from + step) % names.size()]}));
  }
  ASSERT_TRUE(ended(chains, 50s));
  const auto failed =
      std::ranges::count_if(chains, [](const Asked& one) { return text(one) == "call_deadlock, not executed"; });
  EXPECT_EQ(failed, static_cast<std::ptrdiff_t>(reports.cycles.size()));
  EXPECT_GT(failed, 0);
  EXPECT_EQ(std::ranges::count_if(chains, [](const Asked& one) { return text(one) == "done"; }), 60 - failed);
}

}  // namespace
}  // namespace troupe::engine::knots
